package dev.squint.vision.video;

import static org.bytedeco.ffmpeg.global.avformat.AVSEEK_FLAG_BACKWARD;
import static org.bytedeco.ffmpeg.global.avformat.AV_DISPOSITION_ATTACHED_PIC;
import static org.bytedeco.ffmpeg.global.avformat.AV_DISPOSITION_TIMED_THUMBNAILS;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;

import dev.squint.vision.format.ByteSource;
import dev.squint.vision.format.FileFormat;
import dev.squint.vision.format.JpegStructure;
import dev.squint.vision.format.MediaEnd;
import dev.squint.vision.format.UnreadableFileException;
import dev.squint.vision.io.JavaCppLog;
import dev.squint.vision.picture.DecodeBudget;
import dev.squint.vision.picture.Dimensions;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/**
 * FFmpeg's demuxer and decoder of one file. Only containers and codecs of ordinary videos are
 * opened, and none that names other files.
 */
final class MediaFile implements AutoCloseable {

  private static final String CONTAINERS =
      "mov,matroska,avi,gif,apng,mpegts,mpeg,mpegvideo,flv,ogg,ivf,obu,h264,hevc,m4v";

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

  /**
   * Decoders that may run while a file is opened. Not MJPEG: a frame with thousands of scans takes
   * minutes, and is refused only once its packet is there.
   */
  private static final String PROBED =
      "h264,hevc,vp8,vp9,libaom-av1,mpeg1video,mpeg2video,mpeg4,theora,gif,apng";

  private static final int THREADS = 4;

  /** Eight hours with 100 a second; the list of more would be large. */
  private static final int MAX_FRAMES = 3_000_000;

  /** Packets in a row without a frame, after which nothing more is expected. */
  private static final int MAX_BARREN_PACKETS = 2000;

  static {
    JavaCppLog.toSlf4j();
    // Damaged files are reported by exception, not by lines on standard error.
    avutil.av_log_set_level(avutil.AV_LOG_QUIET);
  }

  private final String name;
  private final DecodeBudget budget;
  private final AVFormatContext container;
  private final AVStream stream;
  private final AVPacket packet = avcodec.av_packet_alloc();
  private AVCodecContext decoder = new AVCodecContext(null);
  private boolean flushing;

  private MediaFile(String name, DecodeBudget budget, AVFormatContext container, AVStream stream) {
    this.name = name;
    this.budget = budget;
    this.container = container;
    this.stream = stream;
  }

  /** Opens the container; nothing can be decoded before {@link #openDecoder}. */
  static MediaFile open(
      Path path, FileFormat format, String name, long maxPixels, DecodeBudget budget) {
    budget.checkCancelled(name);
    AVFormatContext container = new AVFormatContext(null);
    AVDictionary options = new AVDictionary(null);
    avutil.av_dict_set(options, "protocol_whitelist", "file", 0);
    avutil.av_dict_set(options, "format_whitelist", CONTAINERS, 0);
    avutil.av_dict_set(options, "codec_whitelist", PROBED, 0);
    avutil.av_dict_set(options, "max_streams", "64", 0);
    // GIF and APNG would go round for ever.
    avutil.av_dict_set(options, "ignore_loop", "1", 0);
    int opened = avformat.avformat_open_input(container, "file:" + path, demuxer(format), options);
    avutil.av_dict_free(options);
    if (opened < 0) {
      throw broken(format, name);
    }
    try {
      if (!probe(container, maxPixels)) {
        throw broken(format, name);
      }
      if (container.nb_streams() == 0) {
        throw broken(format, name);
      }
      AVStream stream = pictures(container, path, format, name);
      checkCodec(stream, path, format, name);
      for (int i = 0; i < container.nb_streams(); i++) {
        if (i != stream.index()) {
          container.streams(i).discard(avcodec.AVDISCARD_ALL);
        }
      }
      return new MediaFile(name, budget, container, stream);
    } catch (RuntimeException e) {
      avformat.avformat_close_input(container);
      throw e;
    }
  }

  /**
   * Reads and decodes the first frames for what the container does not say, within a limit; false
   * if nothing could be found.
   */
  private static boolean probe(AVFormatContext container, long maxPixels) {
    int streams = container.nb_streams();
    @Nullable Dimensions[] declared = new Dimensions[streams];
    try (PointerPointer<AVDictionary> options = new PointerPointer<>(Math.max(1, streams))) {
      for (int i = 0; i < streams; i++) {
        AVCodecParameters parameters = container.streams(i).codecpar();
        if (parameters.width() > 0 && parameters.height() > 0) {
          declared[i] = new Dimensions(parameters.width(), parameters.height());
        }
        AVDictionary option = new AVDictionary(null);
        avutil.av_dict_set_int(option, "max_pixels", maxPixels, 0);
        options.put(i, option);
      }
      int found = avformat.avformat_find_stream_info(container, streams == 0 ? null : options);
      for (int i = 0; i < streams; i++) {
        // What FFmpeg did not take is left.
        AVDictionary left = options.get(AVDictionary.class, i);
        if (left != null && !left.isNull()) {
          avutil.av_dict_free(left);
        }
        // A decoder that refuses a size forgets it.
        AVCodecParameters parameters = container.streams(i).codecpar();
        if (parameters.width() < 1 && declared[i] != null) {
          parameters.width(declared[i].width()).height(declared[i].height());
        }
      }
      return found >= 0;
    }
  }

  /** FFmpeg probes the start of a file only, which a large colour profile can fill. */
  private static @Nullable AVInputFormat demuxer(FileFormat format) {
    return switch (format) {
      case APNG -> avformat.av_find_input_format("apng");
      case GIF, ANIMATED_GIF -> avformat.av_find_input_format("gif");
      case MP4, IMAGE_SEQUENCE -> avformat.av_find_input_format("mov");
      default -> null;
    };
  }

  private static IllegalArgumentException broken(FileFormat format, String name) {
    return format == FileFormat.UNKNOWN
        ? new IllegalArgumentException(
            name + " is no video; mp4, mov, webm, mkv, avi, mpeg, GIF, APNG and WebP are read")
        : UnreadableFileException.damaged(
            "%s is damaged or cut off: its structure (%s) cannot be read"
                .formatted(name, format.title()));
  }

  /** The stream of pictures that players show; cover art is none. */
  private static AVStream pictures(
      AVFormatContext container, Path path, FileFormat format, String name) {
    int best =
        avformat.av_find_best_stream(
            container, AVMEDIA_TYPE_VIDEO, -1, -1, (PointerPointer<?>) null, 0);
    if (best >= 0 && isFilm(container.streams(best))) {
      return container.streams(best);
    }
    boolean covers = false;
    for (int i = 0; i < container.nb_streams(); i++) {
      AVStream stream = container.streams(i);
      if (isFilm(stream)) {
        return stream;
      }
      covers |= stream.codecpar().codec_type() == AVMEDIA_TYPE_VIDEO;
    }
    // Where a file ends within its index, what its tracks hold is not known.
    if (isCutOff(path, format)) {
      throw broken(format, name);
    }
    throw new IllegalArgumentException(
        name
            + " has no pictures in it, only sound or text"
            + (covers ? "; its cover is no video" : ""));
  }

  private static boolean isCutOff(Path path, FileFormat format) {
    try (ByteSource bytes = ByteSource.open(path)) {
      return MediaEnd.isCutOff(bytes, format);
    }
  }

  private static boolean isFilm(AVStream stream) {
    int covers = AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS;
    return stream.codecpar().codec_type() == AVMEDIA_TYPE_VIDEO
        && (stream.disposition() & covers) == 0;
  }

  private static void checkCodec(AVStream stream, Path path, FileFormat format, String name) {
    int id = stream.codecpar().codec_id();
    if (id == avcodec.AV_CODEC_ID_NONE && isCutOff(path, format)) {
      throw broken(format, name);
    }
    String codec = avcodec.avcodec_get_name(id).getString();
    if (!CODECS.contains(codec)) {
      throw new IllegalArgumentException(
          "%s is coded in %s; Squint reads %s".formatted(name, codec, CODECS));
    }
  }

  /** Prepares to decode frames of at most this many pixels. */
  void openDecoder(long maxPixels) {
    AVCodec found =
        codec().equals("av1")
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

  AVFormatContext container() {
    return container;
  }

  AVStream stream() {
    return stream;
  }

  String codec() {
    return avcodec.avcodec_get_name(stream.codecpar().codec_id()).getString();
  }

  /** Reads all packets without decoding them; ends where the file ends or is damaged. */
  PacketScan scan() {
    PacketScan.Builder scan = new PacketScan.Builder(stream.codecpar().codec_id());
    while (avformat.av_read_frame(container, packet) >= 0) {
      if (packet.stream_index() == stream.index() && packet.size() > 0) {
        scan.add(packet);
        checkCount(scan.count());
      }
      avcodec.av_packet_unref(packet);
      budget.checkCancelled(name);
    }
    return scan.build();
  }

  private void checkCount(int frames) {
    if (frames > MAX_FRAMES) {
      avcodec.av_packet_unref(packet);
      throw new IllegalArgumentException(
          "%s has more than %d frames; cut it into parts".formatted(name, MAX_FRAMES));
    }
  }

  private JpegStructure jpeg() {
    byte[] data = new byte[packet.size()];
    packet.data().get(data);
    return JpegStructure.of(ByteSource.of(data));
  }

  /**
   * Goes to a key frame.
   *
   * @param stamp its presentation stamp, in ticks
   * @param position where its packet begins in the file, -1 if that is not known
   * @return whether the demuxer could; what it found must be checked
   */
  boolean seek(long stamp, long position) {
    String format = container.iformat().name().getString();
    // Streams have no index: the position that was seen is better than a guess.
    boolean byPosition = position >= 0 && (format.startsWith("mpeg") || format.equals("ogg"));
    int result =
        byPosition
            ? avformat.av_seek_frame(container, stream.index(), position, avformat.AVSEEK_FLAG_BYTE)
            : avformat.av_seek_frame(container, stream.index(), stamp, AVSEEK_FLAG_BACKWARD);
    if (!decoder.isNull()) {
      avcodec.avcodec_flush_buffers(decoder);
    }
    flushing = false;
    return result >= 0;
  }

  /**
   * Decodes the next frame.
   *
   * @return false at the end, or when decoding was cancelled
   */
  boolean decode(AVFrame into, BooleanSupplier cancelled) {
    for (int barren = 0; barren < MAX_BARREN_PACKETS; ) {
      if (budget.isCancelled() || cancelled.getAsBoolean()) {
        return false;
      }
      int received = avcodec.avcodec_receive_frame(decoder, into);
      if (received >= 0) {
        return true;
      }
      if (received == avutil.AVERROR_EOF || flushing) {
        return false;
      }
      if (avformat.av_read_frame(container, packet) < 0) {
        avcodec.avcodec_send_packet(decoder, null);
        flushing = true;
        continue;
      }
      if (packet.stream_index() == stream.index()) {
        checkCost();
        // A damaged packet costs its frames, not the film.
        avcodec.avcodec_send_packet(decoder, packet);
        barren++;
      }
      avcodec.av_packet_unref(packet);
    }
    return false;
  }

  /** A JPEG frame can have any number of scans; other codecs visit each pixel a few times. */
  private void checkCost() {
    if (stream.codecpar().codec_id() == avcodec.AV_CODEC_ID_MJPEG && packet.size() > 0) {
      JpegStructure jpeg = jpeg();
      budget.checkCost(
          jpeg.visits(),
          name,
          "a frame has %d scans of %d x %d pixels"
              .formatted(jpeg.scans(), jpeg.width(), jpeg.height()));
    }
  }

  /** Presentation stamp of a decoded frame, in ticks; NOPTS if it has none. */
  static long stamp(AVFrame frame) {
    return frame.best_effort_timestamp();
  }

  /** Seconds of a tick. */
  double tick() {
    return avutil.av_q2d(stream.time_base());
  }

  /** What the header says about the length of the pictures, or of all; 0 if nothing. */
  double declaredSeconds() {
    if (stream.duration() != AV_NOPTS_VALUE && stream.duration() > 0) {
      return stream.duration() * tick();
    }
    return container.duration() == AV_NOPTS_VALUE
        ? 0
        : (double) container.duration() / avutil.AV_TIME_BASE;
  }

  @Override
  public void close() {
    avcodec.av_packet_free(packet);
    avcodec.avcodec_free_context(decoder);
    avformat.avformat_close_input(container);
  }
}
