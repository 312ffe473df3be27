package dev.squint.vision.video;

import java.util.Arrays;

/** When the frames of a video are shown, [F], ascending from 0, in seconds. */
public final class FrameTimes {

  private static final double SMALLEST = 1e-6;

  private final double[] starts;
  private final double tolerance;

  private FrameTimes(double[] starts, double tolerance) {
    this.starts = starts;
    this.tolerance = tolerance;
  }

  /**
   * Takes times of a file.
   *
   * @param starts ascending, at least one; takes ownership
   * @param tick how finely the file counts time, in seconds; times in between are rounded
   * @throws IllegalArgumentException if there is none
   */
  static FrameTimes of(double[] starts, double tick) {
    if (starts.length == 0) {
      throw new IllegalArgumentException("a video has at least one frame");
    }
    double shortest = Double.POSITIVE_INFINITY;
    for (int i = 1; i < starts.length; i++) {
      shortest = Math.min(shortest, starts[i] - starts[i - 1]);
    }
    // Half a tick is what rounding moves a time by.
    return new FrameTimes(starts, Math.min(tick / 2 + SMALLEST, shortest / 4));
  }

  /** Number of frames, at least 1. */
  public int count() {
    return starts.length;
  }

  /** When a frame is shown, in seconds from the first one. */
  public double at(int frame) {
    return starts[frame];
  }

  /** The frame that is shown at a time: the last one that begins by then. */
  public int shownAt(double seconds) {
    int found = Arrays.binarySearch(starts, seconds + tolerance);
    return Math.max(0, found >= 0 ? found : -found - 2);
  }

  /** The first frame that begins at a time or later; the count if there is none. */
  int firstFrom(double seconds) {
    int found = Arrays.binarySearch(starts, seconds - tolerance);
    return found >= 0 ? found : -found - 1;
  }
}
