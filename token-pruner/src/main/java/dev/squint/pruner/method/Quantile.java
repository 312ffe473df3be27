package dev.squint.pruner.method;

import java.util.Arrays;

/** Quantiles with linear interpolation between the two nearest values. */
final class Quantile {
  private final float[] sorted;

  Quantile(float[] values) {
    sorted = values.clone();
    Arrays.sort(sorted);
  }

  /** The value below which the given share of the values lies, share in [0, 1]. */
  double of(double share) {
    double at = share * (sorted.length - 1);
    int low = (int) at;
    int high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
  }
}
