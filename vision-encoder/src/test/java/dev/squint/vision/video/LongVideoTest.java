package dev.squint.vision.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MPEG4;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.PointerPointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten minutes of 1920 x 1080: little memory, and only what is asked for is decoded. */
class LongVideoTest {

  private static final int SECONDS = 600;

  /** Seconds between frames. */
  private static final int STEP = 4;

  private static final int FRAMES = 64;
  private static final long MOST_BYTES = 400L << 20;

  @TempDir Path folder;

  @Test
  void framesAreStreamed_inLittleMemory() throws IOException {
    Path file = folder.resolve("long.mp4");
    write(file);
    System.gc();
    long before = BrokenVideosTest.residentBytes();
    Peak peak = new Peak();
    long start = System.nanoTime();

    Clip clip;
    try (Video video = new VideoReader().open(file)) {
      clip =
          Clip.read(
              video,
              new FrameRule.Uniform(FRAMES),
              ClipOptions.DEFAULT.withProgress(read -> peak.look()));
    }

    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "10 minutes of 1080p, %d frames: %.1f s, %d MB more resident memory at the peak%n",
        FRAMES, seconds, (peak.bytes - before) >> 20);
    assertThat(clip.frames()).hasSize(FRAMES);
    assertThat(clip.seconds()).isCloseTo(SECONDS, within((double) STEP));
    assertThat(clip.frames().get(0).picture().width()).isEqualTo(1024);
    assertThat(peak.bytes - before).isLessThan(MOST_BYTES);
    // The grey level shows the time: 255 at the end.
    for (VideoFrame frame : clip.frames()) {
      int expected = grey((int) Math.round(frame.seconds()));
      assertThat(Math.abs(Clips.red(frame.picture(), 500, 300) - expected)).isLessThan(12);
    }
  }

  /** The most memory that was seen. */
  private static final class Peak {
    private long bytes;

    void look() {
      try {
        bytes = Math.max(bytes, BrokenVideosTest.residentBytes());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static int grey(int second) {
    return 16 + 200 * second / SECONDS;
  }

  private static void write(Path file) {
    AVFormatContext container = new AVFormatContext(null);
    avformat.avformat_alloc_output_context2(container, null, null, file.toString());
    AVCodec codec = avcodec.avcodec_find_encoder(AV_CODEC_ID_MPEG4);
    AVStream stream = avformat.avformat_new_stream(container, codec);
    AVCodecContext encoder = avcodec.avcodec_alloc_context3(codec);
    encoder.width(1920).height(1080).pix_fmt(AV_PIX_FMT_YUV420P).gop_size(10).bit_rate(400_000);
    encoder.time_base(avutil.av_make_q(1, 1));
    encoder.framerate(avutil.av_make_q(1, STEP));
    encoder.flags(encoder.flags() | avcodec.AV_CODEC_FLAG_GLOBAL_HEADER);
    avcodec.avcodec_open2(encoder, codec, (PointerPointer<?>) null);
    avcodec.avcodec_parameters_from_context(stream.codecpar(), encoder);
    stream.time_base(encoder.time_base());
    AVIOContext output = new AVIOContext(null);
    avformat.avio_open(output, file.toString(), avformat.AVIO_FLAG_WRITE);
    container.pb(output);
    avformat.avformat_write_header(container, (AVDictionary) null);
    AVFrame frame = avutil.av_frame_alloc();
    frame.format(AV_PIX_FMT_YUV420P).width(1920).height(1080);
    avutil.av_frame_get_buffer(frame, 0);
    AVPacket packet = avcodec.av_packet_alloc();
    for (int second = 0; second <= SECONDS; second += STEP) {
      boolean end = second == SECONDS;
      if (!end) {
        avutil.av_frame_make_writable(frame);
        // Luma of studio range for that grey.
        int luma = 16 + Math.round(grey(second) * 219 / 255f);
        for (int plane = 0; plane < 3; plane++) {
          long bytes = (long) frame.linesize(plane) * (plane == 0 ? 1080 : 540);
          frame.data(plane).capacity(bytes).fill(plane == 0 ? luma : 128);
        }
        frame.pts(second);
      }
      avcodec.avcodec_send_frame(encoder, end ? null : frame);
      while (avcodec.avcodec_receive_packet(encoder, packet) >= 0) {
        avcodec.av_packet_rescale_ts(packet, encoder.time_base(), stream.time_base());
        packet.stream_index(0);
        avformat.av_interleaved_write_frame(container, packet);
      }
    }
    avformat.av_write_trailer(container);
    avformat.avio_closep(output);
    avcodec.av_packet_free(packet);
    avutil.av_frame_free(frame);
    avcodec.avcodec_free_context(encoder);
    avformat.avformat_free_context(container);
  }
}
