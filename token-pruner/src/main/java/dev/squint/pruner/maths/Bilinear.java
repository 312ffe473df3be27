package dev.squint.pruner.maths;

/**
 * Bilinear resizing of one axis as PyTorch's interpolate does it without aligned corners or
 * antialiasing: output i is sampled at {@code max((i + 0.5) * in / out - 0.5, 0)}, between two
 * neighbouring input samples.
 */
public final class Bilinear {
  private final int[] low;
  private final int[] high;
  private final float[] share;

  public Bilinear(int in, int out) {
    low = new int[out];
    high = new int[out];
    share = new float[out];
    for (int i = 0; i < out; i++) {
      double at = Math.max((i + 0.5) * in / out - 0.5, 0);
      low[i] = Math.min((int) at, in - 1);
      high[i] = Math.min(low[i] + 1, in - 1);
      share[i] = (float) (at - low[i]);
    }
  }

  /** The sample at or before output i. */
  int low(int i) {
    return low[i];
  }

  /** The sample after output i. */
  int high(int i) {
    return high[i];
  }

  /** Weight of the sample after output i; the weights of both add up to 1. */
  float share(int i) {
    return share[i];
  }

  /** Value of a map with {@code cols} columns at one position of the resized map. */
  public static float at(float[] map, int cols, Bilinear rows, int row, Bilinear columns, int col) {
    float above = between(map, rows.low[row] * cols, columns, col);
    float below = between(map, rows.high[row] * cols, columns, col);
    return above + (below - above) * rows.share[row];
  }

  private static float between(float[] map, int start, Bilinear columns, int col) {
    float left = map[start + columns.low[col]];
    return left + (map[start + columns.high[col]] - left) * columns.share[col];
  }
}
