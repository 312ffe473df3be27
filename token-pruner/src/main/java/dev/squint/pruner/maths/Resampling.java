package dev.squint.pruner.maths;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.TokenReduction;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Resamples a grid of tokens: each new token is a weighted sum of old ones. */
public final class Resampling {
  private final int inRows;
  private final int inCols;
  private final int rows;
  private final int cols;
  private final int[][] sources;
  private final float[][] weights;

  private Resampling(int inRows, int inCols, int rows, int cols) {
    this.inRows = inRows;
    this.inCols = inCols;
    this.rows = rows;
    this.cols = cols;
    sources = new int[rows * cols][];
    weights = new float[rows * cols][];
  }

  /** Bilinear interpolation, {@link Bilinear}; may also enlarge. */
  public static Resampling bilinear(int inRows, int inCols, int rows, int cols) {
    Bilinear down = new Bilinear(inRows, rows);
    Bilinear across = new Bilinear(inCols, cols);
    Resampling resampling = new Resampling(inRows, inCols, rows, cols);
    for (int at = 0; at < rows * cols; at++) {
      int row = at / cols;
      int col = at % cols;
      float below = down.share(row);
      float right = across.share(col);
      resampling.sources[at] =
          new int[] {
            down.low(row) * inCols + across.low(col),
            down.low(row) * inCols + across.high(col),
            down.high(row) * inCols + across.low(col),
            down.high(row) * inCols + across.high(col)
          };
      resampling.weights[at] =
          new float[] {
            (1 - below) * (1 - right), (1 - below) * right, below * (1 - right), below * right
          };
    }
    return resampling;
  }

  /**
   * Means of windows that cover the grid and may overlap: rows [floor(i in / out), ceil((i + 1) in
   * / out)).
   */
  public static Resampling pooled(int inRows, int inCols, int rows, int cols) {
    Resampling resampling = new Resampling(inRows, inCols, rows, cols);
    for (int at = 0; at < rows * cols; at++) {
      int top = at / cols * inRows / rows;
      int bottom = ceiling((at / cols + 1) * inRows, rows);
      int left = at % cols * inCols / cols;
      int right = ceiling((at % cols + 1) * inCols, cols);
      int width = right - left;
      resampling.sources[at] =
          IntStream.range(0, (bottom - top) * width)
              .map(i -> (top + i / width) * inCols + left + i % width)
              .toArray();
      resampling.weights[at] = new float[resampling.sources[at].length];
      Arrays.fill(resampling.weights[at], 1f / resampling.weights[at].length);
    }
    return resampling;
  }

  /** The new grid, [rows * cols, D]. */
  public Matrix apply(Matrix tokens) {
    float[] mixed = new float[sources.length * tokens.cols()];
    for (int at = 0; at < sources.length; at++) {
      for (int s = 0; s < sources[at].length; s++) {
        for (int c = 0; c < tokens.cols(); c++) {
          mixed[at * tokens.cols() + c] += weights[at][s] * tokens.get(sources[at][s], c);
        }
      }
    }
    return new Matrix(sources.length, tokens.cols(), mixed);
  }

  /**
   * The resampling as a reduction of the old grid, which must not be smaller. Each token belongs to
   * the new token whose cell contains it; the first token of a cell is the representative.
   */
  public TokenReduction reduction() {
    int[] representatives = new int[rows * cols];
    for (int at = 0; at < representatives.length; at++) {
      representatives[at] =
          ceiling(at / cols * inRows, rows) * inCols + ceiling(at % cols * inCols, cols);
    }
    int[] group =
        IntStream.range(0, inRows * inCols)
            .map(i -> i / inCols * rows / inRows * cols + i % inCols * cols / inCols)
            .toArray();
    return TokenReduction.mix(representatives, group, sources, weights);
  }

  private static int ceiling(int dividend, int divisor) {
    return (dividend + divisor - 1) / divisor;
  }
}
