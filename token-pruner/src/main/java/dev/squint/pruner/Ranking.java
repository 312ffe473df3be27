package dev.squint.pruner;

import java.util.Arrays;

/** Order of tokens by score: highest first, ties to the earlier token, NaN last. */
public final class Ranking {
  private Ranking() {}

  /** All indices, [N], best first. */
  public static int[] descending(float[] scores) {
    long[] keys = new long[scores.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = (long) key(scores[i]) << 32 | i;
    }
    Arrays.sort(keys);
    int[] order = new int[keys.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = (int) keys[i];
    }
    return order;
  }

  /**
   * The k best indices, [k], best first.
   *
   * @throws IllegalArgumentException if there are fewer than k
   */
  public static int[] best(float[] scores, int k) {
    if (k > scores.length) {
      throw new IllegalArgumentException(
          "cannot take the %d best of %d scores; ask for as many as there are"
              .formatted(k, scores.length));
    }
    return Arrays.copyOf(descending(scores), k);
  }

  /** The k best indices, [k], ascending. */
  public static int[] top(float[] scores, int k) {
    int[] kept = best(scores, k);
    Arrays.sort(kept);
    return kept;
  }

  /**
   * An int that is smaller for better scores. Sorting longs is several times faster than a
   * comparator.
   */
  private static int key(float score) {
    if (Float.isNaN(score)) {
      return Integer.MAX_VALUE;
    }
    int bits = Float.floatToIntBits(score + 0f); // -0 becomes 0
    return bits < 0 ? bits & Integer.MAX_VALUE : ~bits;
  }
}
