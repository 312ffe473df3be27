package dev.squint.vision.video;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * Which part of a video is looked at, and how closely.
 *
 * @param frames number of frames, evenly spaced; empty for the model's own rule
 * @param perSecond how many frames a second; empty to leave it to the model's rule
 * @param from where the part begins, in seconds
 * @param to where it ends, in seconds; infinite for the end of the video
 * @param maxFrames the most frames that are ever held
 * @param onFrame is given the number of frames that have been read, after each of them
 * @param cancelled is asked while reading whether to stop
 */
public record ClipOptions(
    OptionalInt frames,
    OptionalDouble perSecond,
    double from,
    double to,
    int maxFrames,
    IntConsumer onFrame,
    BooleanSupplier cancelled) {

  /** As many as any of the rules has. */
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
   * @throws IllegalArgumentException saying what is allowed
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

  /** The same with a number of frames. */
  public ClipOptions withFrames(int frames) {
    return new ClipOptions(
        OptionalInt.of(frames), perSecond, from, to, maxFrames, onFrame, cancelled);
  }

  /** The same with so many frames a second. */
  public ClipOptions withFramesPerSecond(double perSecond) {
    return new ClipOptions(
        frames, OptionalDouble.of(perSecond), from, to, maxFrames, onFrame, cancelled);
  }

  /** The same of another part, in seconds. */
  public ClipOptions between(double from, double to) {
    return new ClipOptions(frames, perSecond, from, to, maxFrames, onFrame, cancelled);
  }

  /** The same with another bound. */
  public ClipOptions withMaxFrames(int maxFrames) {
    return new ClipOptions(frames, perSecond, from, to, maxFrames, onFrame, cancelled);
  }

  /** The same with progress told. */
  public ClipOptions tellingProgress(IntConsumer onFrame) {
    return new ClipOptions(frames, perSecond, from, to, maxFrames, onFrame, cancelled);
  }

  /** The same with a way to stop it. */
  public ClipOptions cancelledBy(BooleanSupplier cancelled) {
    return new ClipOptions(frames, perSecond, from, to, maxFrames, onFrame, cancelled);
  }
}
