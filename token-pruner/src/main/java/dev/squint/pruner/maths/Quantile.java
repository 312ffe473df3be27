package dev.squint.pruner.maths;

import java.util.Arrays;

/** Quantiles with linear interpolation between the two nearest values. */
public final class Quantile {
  private final float[] sorted;

  public Quantile(float[] values) {
    sorted = values.clone();
    Arrays.sort(sorted);
  }

  /** The quantile at {@code share} in [0, 1]. */
  public double of(double share) {
    double at = share * (sorted.length - 1);
    int low = (int) at;
    int high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
  }
}
