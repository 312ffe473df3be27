package dev.squint.vision.video;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.jspecify.annotations.Nullable;

/**
 * A video that FFmpeg decodes: forward from frame to frame, by the index where it has one and the
 * next frame that is asked for lies behind a key frame.
 */
final class StreamedVideo implements Video {

  /** Times in files are rounded to a thousandth of a second. */
  private static final double TOLERANCE = 0.001;

  /** What may be missing at the end: sound is often a little longer than the pictures. */
  private static final double MISSING_SECONDS = 1;

  private static final double MISSING_SHARE = 0.05;

  private final String name;
  private final VideoHeader header;
  private final MediaFile file;
  private final FrameConverter converter;
  private final @Nullable Path temporary;

  /** The frame at the last time that was asked for, and the one after it, where they are known. */
  private final AVFrame current = avutil.av_frame_alloc();

  private final AVFrame next = avutil.av_frame_alloc();
  private double currentSeconds = Double.NaN;
  private double nextSeconds = Double.NaN;
  private boolean closed;

  private StreamedVideo(
      String name, VideoHeader header, MediaFile file, long maxPixels, @Nullable Path temporary) {
    this.name = name;
    this.header = header;
    this.file = file;
    this.converter = new FrameConverter(name, maxPixels, header.rotation());
    this.temporary = temporary;
  }

  static StreamedVideo open(
      Path path, String name, VideoReader limits, Consumer<VideoHeader> check, boolean temporary) {
    MediaFile file = MediaFile.open(path, name);
    try {
      VideoHeader header = file.header();
      check.accept(header);
      file.openDecoder(limits.maxPixels());
      return new StreamedVideo(name, header, file, limits.maxPixels(), temporary ? path : null);
    } catch (RuntimeException e) {
      file.close();
      throw e;
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
      if (!moveTo(time, cancelled)) {
        return;
      }
      sink.accept(new VideoFrame(time, converter.picture(current)));
    }
  }

  /** Makes the frame that is shown at a time the current one; false if cancelled. */
  private boolean moveTo(double time, BooleanSupplier cancelled) {
    boolean jumped = needsJump(time);
    if (jumped) {
      jump(time);
    }
    if (!advance(time, cancelled)) {
      return false;
    }
    // Some indexes point behind the time: then from the beginning.
    if (jumped && (!known(currentSeconds) || isLater(time))) {
      jump(Double.NEGATIVE_INFINITY);
      if (!advance(time, cancelled)) {
        return false;
      }
    }
    checkFound(time);
    return true;
  }

  private boolean isLater(double time) {
    return currentSeconds > time + TOLERANCE && currentSeconds > TOLERANCE;
  }

  private boolean needsJump(double time) {
    double at = known(nextSeconds) ? nextSeconds : currentSeconds;
    if (!known(at)) {
      return time > 0 && file.hasKeyFrameBetween(0, time);
    }
    return time + TOLERANCE < currentSeconds || file.hasKeyFrameBetween(at, time);
  }

  private void jump(double time) {
    file.seek(time);
    avutil.av_frame_unref(current);
    avutil.av_frame_unref(next);
    currentSeconds = Double.NaN;
    nextSeconds = Double.NaN;
  }

  private boolean advance(double time, BooleanSupplier cancelled) {
    while (true) {
      if (cancelled.getAsBoolean()) {
        return false;
      }
      if (!known(nextSeconds)) {
        nextSeconds = file.decode(next, cancelled);
        if (!known(nextSeconds)) {
          return !cancelled.getAsBoolean();
        }
      }
      if (known(currentSeconds) && nextSeconds > time + TOLERANCE) {
        return true;
      }
      avutil.av_frame_unref(current);
      avutil.av_frame_move_ref(current, next);
      currentSeconds = nextSeconds;
      nextSeconds = Double.NaN;
    }
  }

  private void checkFound(double time) {
    if (!known(currentSeconds)) {
      throw new IllegalArgumentException(
          "%s has no frame that can be decoded: it is damaged or cut off".formatted(name));
    }
    double missing = Math.max(MISSING_SECONDS, MISSING_SHARE * header.seconds());
    if (!known(nextSeconds) && time > currentSeconds + missing) {
      throw new IllegalArgumentException(
          "%s is damaged or cut off after %.1f of %.1f seconds; ask about the part before"
              .formatted(name, currentSeconds, header.seconds()));
    }
  }

  private static boolean known(double seconds) {
    return !Double.isNaN(seconds);
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
    if (temporary != null) {
      delete(temporary);
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
