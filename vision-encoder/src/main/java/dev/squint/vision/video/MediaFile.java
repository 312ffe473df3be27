package dev.squint.vision.video;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_DATA_DISPLAYMATRIX;
import static org.bytedeco.ffmpeg.global.avformat.AVFMT_DURATION_FROM_BITRATE;
import static org.bytedeco.ffmpeg.global.avformat.AVSEEK_FLAG_BACKWARD;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;

import dev.squint.vision.picture.Dimensions;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIndexEntry;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * FFmpeg's demuxer and decoder of one file. Only containers and codecs of ordinary videos are
 * opened, and none that names other files.
 */
final class MediaFile implements AutoCloseable {

  private static final String CONTAINERS =
      "mov,matroska,avi,gif,apng,mpegts,mpeg,mpegvideo,flv,ogg,ivf,obu,h264,hevc,m4v,mjpeg";

  private static final Set<String> CODECS =
      new TreeSet<>(
          Set.of(
              "h264",
              "hevc",
              "vp8",
              "vp9",
              "av1",
              "mpeg1video",
              "mpeg2video",
              "mpeg4",
              "mjpeg",
              "theora",
              "gif",
              "apng"));

  private static final int THREADS = 4;

  /** Packets in a row without a frame, after which nothing more is expected. */
  private static final int MAX_BARREN_PACKETS = 2000;

  private static final double DEFAULT_RATE = 25;

  static {
    // Damaged files are reported by exception, not by lines on standard error.
    avutil.av_log_set_level(avutil.AV_LOG_QUIET);
  }

  private final String name;
  private final AVFormatContext container;
  private final AVStream stream;
  private final AVPacket packet = avcodec.av_packet_alloc();
  private final double tick;
  private final double first;
  private AVCodecContext decoder = new AVCodecContext(null);
  private boolean flushing;
  private double lastSeconds;

  private MediaFile(String name, AVFormatContext container, AVStream stream) {
    this.name = name;
    this.container = container;
    this.stream = stream;
    this.tick = avutil.av_q2d(stream.time_base());
    this.first = stream.start_time() == AV_NOPTS_VALUE ? 0 : stream.start_time() * tick;
  }

  /** Opens the container; nothing can be decoded before {@link #openDecoder}. */
  static MediaFile open(Path path, String name) {
    AVFormatContext container = new AVFormatContext(null);
    AVDictionary options = new AVDictionary(null);
    avutil.av_dict_set(options, "protocol_whitelist", "file", 0);
    avutil.av_dict_set(options, "format_whitelist", CONTAINERS, 0);
    avutil.av_dict_set(options, "max_streams", "64", 0);
    // GIF and APNG would go round for ever.
    avutil.av_dict_set(options, "ignore_loop", "1", 0);
    int opened = avformat.avformat_open_input(container, "file:" + path, null, options);
    avutil.av_dict_free(options);
    if (opened < 0) {
      throw broken(name);
    }
    try {
      if (avformat.avformat_find_stream_info(container, (PointerPointer<?>) null) < 0) {
        throw broken(name);
      }
      int index =
          avformat.av_find_best_stream(
              container, AVMEDIA_TYPE_VIDEO, -1, -1, (PointerPointer<?>) null, 0);
      if (index < 0) {
        throw new IllegalArgumentException(name + " has no pictures in it, only sound or text");
      }
      for (int i = 0; i < container.nb_streams(); i++) {
        if (i != index) {
          container.streams(i).discard(avcodec.AVDISCARD_ALL);
        }
      }
      return new MediaFile(name, container, container.streams(index));
    } catch (RuntimeException e) {
      avformat.avformat_close_input(container);
      throw e;
    }
  }

  private static IllegalArgumentException broken(String name) {
    return new IllegalArgumentException(
        name
            + " is damaged, cut off, or no video; mp4, mov, webm, mkv, avi, mpeg, GIF, APNG and"
            + " WebP are read");
  }

  /** Makes ready to decode frames of at most so many pixels. */
  void openDecoder(long maxPixels) {
    String codec = avcodec.avcodec_get_name(stream.codecpar().codec_id()).getString();
    if (!CODECS.contains(codec)) {
      throw new IllegalArgumentException(
          "%s is coded in %s; Squint reads %s".formatted(name, codec, CODECS));
    }
    AVCodec found =
        codec.equals("av1")
            ? avcodec.avcodec_find_decoder_by_name("libaom-av1")
            : avcodec.avcodec_find_decoder(stream.codecpar().codec_id());
    decoder = avcodec.avcodec_alloc_context3(found);
    avcodec.avcodec_parameters_to_context(decoder, stream.codecpar());
    decoder.pkt_timebase(stream.time_base());
    decoder.max_pixels(maxPixels);
    decoder.thread_count(Math.min(THREADS, Runtime.getRuntime().availableProcessors()));
    if (avcodec.avcodec_open2(decoder, found, (PointerPointer<?>) null) < 0) {
      throw new IllegalArgumentException(
          "%s is damaged, or its frames of %d x %d pixels are more than the %d that are read"
              .formatted(name, stream.codecpar().width(), stream.codecpar().height(), maxPixels));
    }
  }

  VideoHeader header() {
    int rotation = rotation();
    boolean lying = rotation % 180 != 0;
    int width = stream.codecpar().width();
    int height = stream.codecpar().height();
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          name + " has no frame that can be decoded: it is damaged or cut off");
    }
    double rate = rate();
    double seconds = seconds();
    int frames = 0;
    if (!(seconds > 0)) {
      Scan scan = scan();
      seconds = scan.seconds();
      frames = scan.frames();
      rate = frames > 1 && scan.lastStart() > 0 ? (frames - 1) / scan.lastStart() : rate;
    } else {
      frames = (int) Math.min(Integer.MAX_VALUE, stream.nb_frames());
    }
    if (frames <= 0) {
      frames = (int) Math.max(1, Math.min(Integer.MAX_VALUE, Math.round(seconds * rate)));
    }
    return new VideoHeader(
        container.iformat().name().getString(),
        avcodec.avcodec_get_name(stream.codecpar().codec_id()).getString(),
        lying ? new Dimensions(height, width) : new Dimensions(width, height),
        rotation,
        seconds,
        rate,
        frames);
  }

  private double rate() {
    for (AVRational rate : new AVRational[] {stream.avg_frame_rate(), stream.r_frame_rate()}) {
      if (rate.num() > 0 && rate.den() > 0) {
        return avutil.av_q2d(rate);
      }
    }
    return DEFAULT_RATE;
  }

  /** What the header says, 0 if nothing that can be relied upon. */
  private double seconds() {
    if (container.duration_estimation_method() == AVFMT_DURATION_FROM_BITRATE) {
      return 0;
    }
    if (stream.duration() != AV_NOPTS_VALUE && stream.duration() > 0) {
      return stream.duration() * tick;
    }
    return container.duration() == AV_NOPTS_VALUE
        ? 0
        : (double) container.duration() / avutil.AV_TIME_BASE;
  }

  private record Scan(double seconds, double lastStart, int frames) {}

  /** Reads all packets without decoding them. */
  private Scan scan() {
    int frames = 0;
    double lastStart = 0;
    double end = 0;
    while (avformat.av_read_frame(container, packet) >= 0) {
      if (packet.stream_index() == stream.index()) {
        double start =
            packet.pts() == AV_NOPTS_VALUE ? frames / rate() : packet.pts() * tick - first;
        double length = packet.duration() > 0 ? packet.duration() * tick : 1 / rate();
        lastStart = Math.max(lastStart, start);
        end = Math.max(end, start + length);
        frames++;
      }
      avcodec.av_packet_unref(packet);
    }
    seek(Double.NEGATIVE_INFINITY);
    if (frames == 0) {
      throw new IllegalArgumentException(
          name + " has no frame that can be decoded: it is damaged or cut off");
    }
    return new Scan(end, lastStart, frames);
  }

  private int rotation() {
    AVPacketSideData matrix =
        avcodec.av_packet_side_data_get(
            stream.codecpar().coded_side_data(),
            stream.codecpar().nb_coded_side_data(),
            AV_PKT_DATA_DISPLAYMATRIX);
    if (matrix == null || matrix.isNull()) {
      return 0;
    }
    double anticlockwise = avutil.av_display_rotation_get(new IntPointer(matrix.data()));
    if (Double.isNaN(anticlockwise)) {
      return 0;
    }
    return Math.floorMod((int) Math.round(-anticlockwise / 90) * 90, 360);
  }

  /** Whether the index says that decoding for a time can begin later than at another time. */
  boolean hasKeyFrameBetween(double from, double to) {
    AVIndexEntry entry =
        avformat.avformat_index_get_entry_from_timestamp(stream, ticks(to), AVSEEK_FLAG_BACKWARD);
    if (entry == null || entry.isNull()) {
      // Matroska reads its index when it is first needed.
      return to - from > 2;
    }
    return entry.timestamp() > ticks(from);
  }

  private long ticks(double seconds) {
    return Math.round((seconds + first) / tick);
  }

  /** Goes to the last key frame that is not after a time, or to the beginning. */
  void seek(double seconds) {
    boolean found =
        !Double.isInfinite(seconds)
            && avformat.av_seek_frame(
                    container, stream.index(), ticks(seconds), AVSEEK_FLAG_BACKWARD)
                >= 0;
    if (!found
        && avformat.av_seek_frame(
                container,
                stream.index(),
                stream.start_time() == AV_NOPTS_VALUE ? 0 : stream.start_time(),
                AVSEEK_FLAG_BACKWARD)
            < 0) {
      avformat.avformat_seek_file(
          container, -1, Long.MIN_VALUE, 0, Long.MAX_VALUE, avformat.AVSEEK_FLAG_BYTE);
    }
    if (!decoder.isNull()) {
      avcodec.avcodec_flush_buffers(decoder);
    }
    flushing = false;
    lastSeconds = 0;
  }

  /**
   * Decodes the next frame.
   *
   * @return when it is shown, in seconds from the first frame; NaN at the end or when cancelled
   */
  double decode(AVFrame into, BooleanSupplier cancelled) {
    for (int barren = 0; barren < MAX_BARREN_PACKETS && !cancelled.getAsBoolean(); ) {
      int received = avcodec.avcodec_receive_frame(decoder, into);
      if (received >= 0) {
        return shown(into);
      }
      if (received == avutil.AVERROR_EOF || flushing) {
        return Double.NaN;
      }
      if (avformat.av_read_frame(container, packet) < 0) {
        avcodec.avcodec_send_packet(decoder, null);
        flushing = true;
        continue;
      }
      if (packet.stream_index() == stream.index()) {
        // A damaged packet costs its frames, not the film.
        avcodec.avcodec_send_packet(decoder, packet);
        barren++;
      }
      avcodec.av_packet_unref(packet);
    }
    return Double.NaN;
  }

  private double shown(AVFrame frame) {
    long time = frame.best_effort_timestamp();
    lastSeconds =
        time == AV_NOPTS_VALUE ? lastSeconds + 1 / rate() : Math.max(0, time * tick - first);
    return lastSeconds;
  }

  @Override
  public void close() {
    avcodec.av_packet_free(packet);
    avcodec.avcodec_free_context(decoder);
    avformat.avformat_close_input(container);
  }
}
