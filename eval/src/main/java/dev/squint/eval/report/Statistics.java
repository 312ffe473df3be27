package dev.squint.eval.report;

import java.util.Arrays;

/** Median and 95th percentile. */
final class Statistics {

  private Statistics() {}

  /** The mean, for no value 0. */
  static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }

  /** The median; for an even count the mean of the two middle values, for none 0. */
  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    if (sorted.length == 0) {
      return 0;
    }
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /**
   * The 95th percentile: the smallest value with at least 95 % of the values at or below it, or 0
   * without values.
   */
  static double percentile95(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted.length == 0 ? 0 : sorted[(int) Math.ceil(0.95 * sorted.length) - 1];
  }
}
