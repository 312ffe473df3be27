package dev.squint.vision.video;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * Selects frames of a video: which part, and how many.
 *
 * @param frames number of frames, evenly spaced; empty for the model's own rule
 * @param perSecond frames per second; empty for the model's own rule
 * @param from start of the part, in seconds
 * @param to end of the part, in seconds; infinite for the end of the video
 * @param maxFrames largest number of frames in memory
 * @param onFrame called after each frame with the number of frames read so far
 * @param cancelled checked while reading; true stops it
 */
public record ClipOptions(
    OptionalInt frames,
    OptionalDouble perSecond,
    double from,
    double to,
    int maxFrames,
    IntConsumer onFrame,
    BooleanSupplier cancelled) {

  /** The largest number of any rule. */
  public static final int DEFAULT_MAX_FRAMES = 768;

  /** The whole video by the model's rule. */
  public static final ClipOptions DEFAULT =
      new ClipOptions(
          OptionalInt.empty(),
          OptionalDouble.empty(),
          0,
          Double.POSITIVE_INFINITY,
          DEFAULT_MAX_FRAMES,
          read -> {},
          () -> false);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a value is not allowed; the message says what is
   */
  public ClipOptions {
    if (frames.isPresent() && perSecond.isPresent()) {
      throw new IllegalArgumentException(
          "both a number of frames and frames a second are given; give one");
    }
    if (frames.isPresent() && (frames.getAsInt() < 1 || frames.getAsInt() > maxFrames)) {
      throw new IllegalArgumentException(
          "from 1 to %d frames are read but %d were asked for"
              .formatted(maxFrames, frames.getAsInt()));
    }
    if (perSecond.isPresent()
        && (!(perSecond.getAsDouble() > 0) || Double.isInfinite(perSecond.getAsDouble()))) {
      throw new IllegalArgumentException(
          "frames a second must be above 0 but were " + perSecond.getAsDouble());
    }
    if (!(from >= 0) || Double.isInfinite(from) || !(to > from)) {
      throw new IllegalArgumentException(
          "a part of a video begins at 0 seconds or later and ends after that but was from %s to %s"
              .formatted(from, to));
    }
  }

  /** Returns these options with a number of frames. */
  public ClipOptions withFrames(int frames) {
    return new ClipOptions(
        OptionalInt.of(frames), perSecond, from, to, maxFrames, onFrame, cancelled);
  }

  /** Returns these options with a number of frames per second. */
  public ClipOptions withFramesPerSecond(double perSecond) {
    return new ClipOptions(
        frames, OptionalDouble.of(perSecond), from, to, maxFrames, onFrame, cancelled);
  }

  /** Returns these options for another part, in seconds. */
  public ClipOptions between(double from, double to) {
    return new ClipOptions(frames, perSecond, from, to, maxFrames, onFrame, cancelled);
  }

  /** Returns these options with another largest number of frames. */
  public ClipOptions withMaxFrames(int maxFrames) {
    return new ClipOptions(frames, perSecond, from, to, maxFrames, onFrame, cancelled);
  }

  /** Returns these options with a listener for progress. */
  public ClipOptions withProgress(IntConsumer onFrame) {
    return new ClipOptions(frames, perSecond, from, to, maxFrames, onFrame, cancelled);
  }

  /** Returns these options with a check that stops reading. */
  public ClipOptions cancelledBy(BooleanSupplier cancelled) {
    return new ClipOptions(frames, perSecond, from, to, maxFrames, onFrame, cancelled);
  }
}
