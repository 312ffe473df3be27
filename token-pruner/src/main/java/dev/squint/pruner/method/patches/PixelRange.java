package dev.squint.pruner.method.patches;

import dev.squint.pruner.Matrix;

/** The range of the pixel values of a request. */
final class PixelRange {
  private PixelRange() {}

  /** The largest value less the smallest; 0 if there are none. */
  static float of(Matrix pixels) {
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (float value : pixels.data()) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return Math.max(0, most - least);
  }

  /**
   * Checks a share of the range.
   *
   * @throws IllegalArgumentException if it is not in [0, 1)
   */
  static void checkShare(String name, double share) {
    if (!(share >= 0 && share < 1)) {
      throw new IllegalArgumentException("%s must be in [0, 1) but was %s".formatted(name, share));
    }
  }
}
