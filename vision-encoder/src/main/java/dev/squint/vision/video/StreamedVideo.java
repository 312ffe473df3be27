package dev.squint.vision.video;

import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;

import dev.squint.vision.format.ByteSource;
import dev.squint.vision.format.FileFormat;
import dev.squint.vision.format.UnreadableFileException;
import dev.squint.vision.picture.DecodeBudget;
import dev.squint.vision.picture.FrameConverter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * A video that FFmpeg decodes: forward from frame to frame, or from the key frame before the frame
 * that is asked for. Frames are known by their time stamps; where a jump leads to a wrong place, or
 * there are no stamps, decoding begins at the start of the file.
 */
final class StreamedVideo implements Video {

  /** How much of a damaged film may be missing before a frame that is asked for. */
  private static final double MISSING_SECONDS = 1;

  private static final double MISSING_SHARE = 0.05;

  private static final int BEFORE_ALL = -1;

  private final Path path;
  private final FileFormat format;
  private final String name;
  private final VideoReader limits;
  private final VideoHeader header;
  private final PacketScan scan;
  private final int shownWidth;
  private final FrameConverter converter;
  private final boolean temporary;
  private MediaFile file;

  /** The last frame up to the one that was asked for, and the one after it, where it is known. */
  private final AVFrame current = avutil.av_frame_alloc();

  private final AVFrame next = avutil.av_frame_alloc();
  private int currentFrame = BEFORE_ALL;
  private int nextFrame = BEFORE_ALL;
  private int decoded;
  private boolean closed;

  private StreamedVideo(
      Path path, String name, VideoReader limits, Opened opened, boolean temporary) {
    this.path = path;
    this.format = opened.format();
    this.name = name;
    this.limits = limits;
    this.header = opened.header();
    this.scan = opened.scan();
    this.file = opened.file();
    this.shownWidth = header.orientation() >= 5 ? header.size().height() : header.size().width();
    this.converter = new FrameConverter(name, limits.maxPixels());
    this.temporary = temporary;
  }

  private record Opened(FileFormat format, MediaFile file, PacketScan scan, VideoHeader header) {}

  static StreamedVideo open(
      Path path,
      FileFormat format,
      String name,
      VideoReader limits,
      Consumer<VideoHeader> check,
      boolean temporary) {
    StreamFacts.End end;
    try (ByteSource bytes = ByteSource.open(path)) {
      end = StreamFacts.End.of(bytes, format);
    }
    PacketScan scan;
    VideoHeader header;
    try (MediaFile scanned =
        MediaFile.open(path, format, name, limits.maxPixels(), limits.budget())) {
      scan = scanned.scan();
      header = StreamFacts.header(scanned, scan, end, name);
    }
    check.accept(header);
    checkCost(header, name, limits.budget());
    MediaFile file = opened(path, format, name, limits);
    return new StreamedVideo(path, name, limits, new Opened(format, file, scan, header), temporary);
  }

  private static MediaFile opened(Path path, FileFormat format, String name, VideoReader limits) {
    MediaFile file = MediaFile.open(path, format, name, limits.maxPixels(), limits.budget());
    try {
      file.openDecoder(limits.maxPixels());
      return file;
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Each frame of an animation repaints the canvas, however few bytes it has. */
  private static void checkCost(VideoHeader header, String name, DecodeBudget budget) {
    if (header.codec().equals("gif") || header.codec().equals("apng")) {
      budget.checkCost(
          (long) header.width() * header.height() * header.frames(),
          name,
          "%d frames of %d x %d pixels"
              .formatted(header.frames(), header.width(), header.height()));
    }
  }

  @Override
  public VideoHeader header() {
    return header;
  }

  @Override
  public void frames(double[] seconds, Consumer<VideoFrame> sink, BooleanSupplier cancelled) {
    if (closed) {
      throw new IllegalStateException(name + " is closed");
    }
    for (double time : seconds) {
      if (!moveTo(header.times().shownAt(time), cancelled)) {
        return;
      }
      sink.accept(
          new VideoFrame(
              time, converter.picture(current, shownWidth(current)).upright(header.orientation())));
    }
  }

  /** Frames that change their size within a file are shown as they are. */
  private int shownWidth(AVFrame frame) {
    int shownHeight = header.orientation() >= 5 ? header.size().width() : header.size().height();
    return frame.height() == shownHeight ? shownWidth : frame.width();
  }

  /** Makes a frame the current one; false if cancelled. */
  private boolean moveTo(int frame, BooleanSupplier cancelled) {
    boolean jumped = jumpIfShorter(frame);
    if (!advance(frame, cancelled)) {
      return false;
    }
    // Some indexes lead behind the frame: then from the start.
    if (jumped && (currentFrame == BEFORE_ALL || currentFrame > frame)) {
      restart();
      if (!advance(frame, cancelled)) {
        return false;
      }
    }
    checkFound(frame);
    return true;
  }

  private boolean jumpIfShorter(int frame) {
    boolean back = frame < currentFrame;
    if (!scan.stamped()) {
      if (back) {
        restart();
      }
      return false;
    }
    int key = scan.keyBefore(frame);
    boolean ahead = key > Math.max(currentFrame, nextFrame);
    if (!back && !ahead) {
      return false;
    }
    if (key == 0) {
      if (currentFrame != BEFORE_ALL || nextFrame != BEFORE_ALL) {
        restart();
      }
      return false;
    }
    forget();
    if (!file.seek(scan.starts()[key], scan.bytes()[key])) {
      restart();
      return false;
    }
    return true;
  }

  private void forget() {
    avutil.av_frame_unref(current);
    avutil.av_frame_unref(next);
    currentFrame = BEFORE_ALL;
    nextFrame = BEFORE_ALL;
    decoded = 0;
  }

  private void restart() {
    forget();
    file.close();
    file = opened(path, format, name, limits);
  }

  /** Decodes until the frame is there, or a later one; false if cancelled. */
  private boolean advance(int frame, BooleanSupplier cancelled) {
    while (currentFrame < frame) {
      limits.budget().checkCancelled(name);
      if (cancelled.getAsBoolean()) {
        return false;
      }
      if (nextFrame == BEFORE_ALL && !decodeNext(cancelled)) {
        limits.budget().checkCancelled(name);
        return !cancelled.getAsBoolean();
      }
      if (nextFrame > frame && currentFrame != BEFORE_ALL) {
        return true;
      }
      boolean later = nextFrame > frame;
      avutil.av_frame_unref(current);
      avutil.av_frame_move_ref(current, next);
      currentFrame = nextFrame;
      nextFrame = BEFORE_ALL;
      if (later) {
        return true;
      }
    }
    return true;
  }

  /** Decodes one frame and finds its number; frames before the first one are left out. */
  private boolean decodeNext(BooleanSupplier cancelled) {
    while (file.decode(next, cancelled)) {
      long stamp = MediaFile.stamp(next);
      int number =
          scan.stamped() && stamp != AV_NOPTS_VALUE
              ? scan.frameAt(stamp)
              : scan.stamped() ? currentFrame + 1 : decoded;
      decoded++;
      if (number >= 0) {
        nextFrame = number;
        return true;
      }
      avutil.av_frame_unref(next);
    }
    return false;
  }

  private void checkFound(int frame) {
    if (currentFrame == BEFORE_ALL) {
      throw UnreadableFileException.damaged(
          "%s has no frame that can be decoded: it is damaged or cut off".formatted(name));
    }
    double missing = Math.max(MISSING_SECONDS, MISSING_SHARE * header.seconds());
    double distance = Math.abs(header.secondsOf(frame) - header.secondsOf(currentFrame));
    if (currentFrame != frame && distance > missing) {
      throw UnreadableFileException.damaged(
          "%s is damaged or cut off after %.1f of %.1f seconds; ask about the part before"
              .formatted(name, header.secondsOf(currentFrame), header.seconds()));
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    avutil.av_frame_free(current);
    avutil.av_frame_free(next);
    converter.close();
    file.close();
    if (temporary) {
      delete(path);
    }
  }

  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      file.toFile().deleteOnExit();
    }
  }
}
