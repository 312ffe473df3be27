package dev.squint.vision.video;

import dev.squint.vision.picture.Picture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.IntFunction;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/** Writes small clips with FFmpeg's encoders. */
final class ClipWriter {

  private static final int SOUND_RATE = 8000;
  private static final int ONE = 1 << 16;

  private ClipWriter() {}

  /**
   * What a clip is like.
   *
   * @param container FFmpeg's name of the muxer
   * @param encoder FFmpeg's name of the encoder
   * @param stamps when each frame is shown, in ticks
   * @param tick of the encoder
   * @param keyEvery distance of key frames
   * @param reordered frames between references that are coded after them
   * @param orientation what the display matrix says, 1 to 8 as in EXIF
   * @param aspect of a stored pixel, width over height
   * @param soundSeconds length of a silent sound track, 0 for none
   * @param options of the muxer, {@code name=value}
   */
  record Spec(
      String container,
      String encoder,
      long[] stamps,
      AVRational tick,
      int keyEvery,
      int reordered,
      int orientation,
      AVRational aspect,
      double soundSeconds,
      String... options) {}

  /** Writes a clip; the frames are those that are stored. */
  static void write(Path file, Spec spec, IntFunction<Picture> frames) {
    AVFormatContext container = new AVFormatContext(null);
    check(
        avformat.avformat_alloc_output_context2(container, null, spec.container(), file.toString()),
        "muxer " + spec.container());
    AVStream stream = avformat.avformat_new_stream(container, null);
    AVCodecContext encoder = encoder(spec, frames.apply(0), container);
    check(avcodec.avcodec_parameters_from_context(stream.codecpar(), encoder), "parameters");
    stream.codecpar().sample_aspect_ratio(spec.aspect());
    stream.sample_aspect_ratio(spec.aspect());
    stream.time_base(encoder.time_base());
    if (spec.orientation() != 1) {
      addMatrix(stream, spec.orientation());
    }
    AVStream sound = spec.soundSeconds() > 0 ? soundStream(container) : null;
    AVIOContext output = new AVIOContext(null);
    check(avformat.avio_open(output, file.toString(), avformat.AVIO_FLAG_WRITE), "file");
    container.pb(output);
    AVDictionary options = new AVDictionary(null);
    for (String option : spec.options()) {
      String[] parts = option.split("=", 2);
      avutil.av_dict_set(options, parts[0], parts[1], 0);
    }
    check(avformat.avformat_write_header(container, options), "header");
    avutil.av_dict_free(options);
    encode(spec, frames, container, stream, encoder);
    if (sound != null) {
      writeSound(container, sound, spec.soundSeconds());
    }
    check(avformat.av_write_trailer(container), "trailer");
    avformat.avio_closep(output);
    avcodec.avcodec_free_context(encoder);
    avformat.avformat_free_context(container);
  }

  private static AVCodecContext encoder(Spec spec, Picture size, AVFormatContext container) {
    AVCodec codec = avcodec.avcodec_find_encoder_by_name(spec.encoder());
    AVCodecContext encoder = avcodec.avcodec_alloc_context3(codec);
    encoder.width(size.width()).height(size.height()).pix_fmt(pixelFormat(spec.encoder()));
    encoder.time_base(spec.tick());
    encoder.gop_size(spec.keyEvery()).max_b_frames(spec.reordered());
    encoder.sample_aspect_ratio(spec.aspect());
    encoder.flags(encoder.flags() | avcodec.AV_CODEC_FLAG_QSCALE);
    encoder.global_quality(2 * avutil.FF_QP2LAMBDA);
    encoder.thread_count(1);
    if (encoder.pix_fmt() == avutil.AV_PIX_FMT_YUVJ420P) {
      encoder.color_range(avutil.AVCOL_RANGE_JPEG);
    }
    if ((container.oformat().flags() & avformat.AVFMT_GLOBALHEADER) != 0) {
      encoder.flags(encoder.flags() | avcodec.AV_CODEC_FLAG_GLOBAL_HEADER);
    }
    AVDictionary options = new AVDictionary(null);
    if (spec.encoder().startsWith("libvpx") || spec.encoder().equals("libaom-av1")) {
      avutil.av_dict_set(options, "cpu-used", "8", 0);
      avutil.av_dict_set(options, "crf", "20", 0);
      encoder.flags(encoder.flags() & ~avcodec.AV_CODEC_FLAG_QSCALE);
      encoder.bit_rate(300_000);
    }
    check(avcodec.avcodec_open2(encoder, codec, options), "encoder " + spec.encoder());
    avutil.av_dict_free(options);
    return encoder;
  }

  private static int pixelFormat(String encoder) {
    return switch (encoder) {
      case "mjpeg" -> avutil.AV_PIX_FMT_YUVJ420P;
      case "gif" -> avutil.AV_PIX_FMT_RGB8;
      case "apng" -> avutil.AV_PIX_FMT_RGB24;
      default -> avutil.AV_PIX_FMT_YUV420P;
    };
  }

  private static void encode(
      Spec spec,
      IntFunction<Picture> frames,
      AVFormatContext container,
      AVStream stream,
      AVCodecContext encoder) {
    AVPacket packet = avcodec.av_packet_alloc();
    for (int i = 0; i <= spec.stamps().length; i++) {
      AVFrame frame = i == spec.stamps().length ? null : frame(frames.apply(i), encoder);
      if (frame != null) {
        frame.pts(spec.stamps()[i]);
        long[] stamps = spec.stamps();
        boolean last = i == stamps.length - 1;
        frame.duration(last ? stamps[i] - stamps[Math.max(0, i - 1)] : stamps[i + 1] - stamps[i]);
      }
      check(avcodec.avcodec_send_frame(encoder, frame), "frame");
      while (avcodec.avcodec_receive_packet(encoder, packet) >= 0) {
        avcodec.av_packet_rescale_ts(packet, encoder.time_base(), stream.time_base());
        packet.stream_index(stream.index());
        if (packet.duration() == 0) {
          packet.duration(
              avutil.av_rescale_q(shortest(spec), encoder.time_base(), stream.time_base()));
        }
        check(avformat.av_interleaved_write_frame(container, packet), "packet");
      }
      if (frame != null) {
        avutil.av_frame_free(frame);
      }
    }
    avcodec.av_packet_free(packet);
  }

  private static long shortest(Spec spec) {
    long shortest = Long.MAX_VALUE;
    for (int i = 1; i < spec.stamps().length; i++) {
      shortest = Math.min(shortest, spec.stamps()[i] - spec.stamps()[i - 1]);
    }
    return shortest;
  }

  private static AVFrame frame(Picture picture, AVCodecContext encoder) {
    AVFrame frame = avutil.av_frame_alloc();
    frame.format(encoder.pix_fmt()).width(picture.width()).height(picture.height());
    check(avutil.av_frame_get_buffer(frame, 0), "buffer");
    SwsContext converter =
        swscale.sws_getContext(
            picture.width(),
            picture.height(),
            avutil.AV_PIX_FMT_RGB24,
            picture.width(),
            picture.height(),
            encoder.pix_fmt(),
            swscale.SWS_POINT,
            null,
            null,
            (DoublePointer) null);
    if (encoder.pix_fmt() == avutil.AV_PIX_FMT_YUVJ420P) {
      IntPointer colours = swscale.sws_getCoefficients(swscale.SWS_CS_DEFAULT);
      swscale.sws_setColorspaceDetails(converter, colours, 1, colours, 1, 0, ONE, ONE);
      frame.color_range(avutil.AVCOL_RANGE_JPEG);
    }
    try (BytePointer rgb = new BytePointer(picture.rgb());
        PointerPointer<BytePointer> planes = new PointerPointer<>(4);
        IntPointer strides = new IntPointer(3 * picture.width(), 0, 0, 0)) {
      planes.put(0, rgb);
      swscale.sws_scale(
          converter, planes, strides, 0, picture.height(), frame.data(), frame.linesize());
    }
    swscale.sws_freeContext(converter);
    return frame;
  }

  private static void addMatrix(AVStream stream, int orientation) {
    // {a, b, c, d}: a pixel (x, y) is shown at (a x + c y, b x + d y).
    int[] turn =
        switch (orientation) {
          case 2 -> new int[] {-1, 0, 0, 1};
          case 3 -> new int[] {-1, 0, 0, -1};
          case 4 -> new int[] {1, 0, 0, -1};
          case 5 -> new int[] {0, 1, 1, 0};
          case 6 -> new int[] {0, 1, -1, 0};
          case 7 -> new int[] {0, -1, -1, 0};
          default -> new int[] {0, -1, 1, 0};
        };
    int[] matrix = {
      ONE * turn[0], ONE * turn[1], 0, ONE * turn[2], ONE * turn[3], 0, 0, 0, 1 << 30
    };
    try (PointerPointer<AVPacketSideData> all = new PointerPointer<>(1);
        IntPointer count = new IntPointer(1)) {
      all.put(0, stream.codecpar().coded_side_data());
      count.put(0, stream.codecpar().nb_coded_side_data());
      AVPacketSideData data =
          avcodec.av_packet_side_data_new(
              all, count, avcodec.AV_PKT_DATA_DISPLAYMATRIX, 4L * matrix.length, 0);
      new IntPointer(data.data()).put(matrix, 0, matrix.length);
      stream.codecpar().coded_side_data(all.get(AVPacketSideData.class, 0));
      stream.codecpar().nb_coded_side_data(count.get(0));
    }
  }

  private static AVStream soundStream(AVFormatContext container) {
    AVStream stream = avformat.avformat_new_stream(container, null);
    stream.codecpar().codec_type(avutil.AVMEDIA_TYPE_AUDIO);
    stream.codecpar().codec_id(avcodec.AV_CODEC_ID_PCM_S16LE);
    stream.codecpar().sample_rate(SOUND_RATE).format(avutil.AV_SAMPLE_FMT_S16);
    stream.codecpar().bits_per_coded_sample(16).block_align(2);
    avutil.av_channel_layout_default(stream.codecpar().ch_layout(), 1);
    stream.time_base(avutil.av_make_q(1, SOUND_RATE));
    return stream;
  }

  private static void writeSound(AVFormatContext container, AVStream stream, double seconds) {
    AVPacket packet = avcodec.av_packet_alloc();
    for (int second = 0; second < seconds; second++) {
      check(avcodec.av_new_packet(packet, 2 * SOUND_RATE), "sound");
      packet.data().capacity(2L * SOUND_RATE).fill(0);
      packet.pts((long) second * SOUND_RATE).dts((long) second * SOUND_RATE).duration(SOUND_RATE);
      avcodec.av_packet_rescale_ts(packet, avutil.av_make_q(1, SOUND_RATE), stream.time_base());
      packet.stream_index(stream.index());
      packet.flags(avcodec.AV_PKT_FLAG_KEY);
      check(avformat.av_interleaved_write_frame(container, packet), "sound");
    }
    avcodec.av_packet_free(packet);
  }

  private static void check(int result, String what) {
    if (result < 0) {
      byte[] text = new byte[128];
      avutil.av_strerror(result, text, text.length);
      throw new IllegalStateException(
          what + ": " + new String(text, StandardCharsets.UTF_8).trim());
    }
  }
}
