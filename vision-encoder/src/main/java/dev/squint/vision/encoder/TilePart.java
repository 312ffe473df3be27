package dev.squint.vision.encoder;

import dev.squint.pruner.Matrix;
import dev.squint.vision.encoder.TileStates.Values;
import dev.squint.vision.onnx.graph.Tap;
import java.util.stream.Stream;

/**
 * A tile and the rows of its hidden states that make each visual token.
 *
 * @param cls whether the first row is a CLS token
 * @param rows the rows of each token
 * @param shares for each token and each of its rows, the fraction of the attention to that row that
 *     counts for the token
 */
record TilePart(TileStates tile, boolean cls, int[][] rows, float[][] shares) {

  /** The tile's values at a tap. */
  Values tap(Tap tap) {
    return tile.tap(tap);
  }

  /**
   * Operations for the means of each token's rows: sums and divisions; 0 where each token is one
   * row.
   */
  double meanOperations() {
    double members = Stream.of(rows).mapToInt(of -> of.length).sum();
    return members == rows.length ? 0 : members + rows.length;
  }

  /** The mean of each token's rows, [tokens, D]. */
  Matrix means(Matrix values) {
    float[][] means = new float[rows.length][values.cols()];
    for (int t = 0; t < means.length; t++) {
      for (int row : rows[t]) {
        for (int c = 0; c < means[t].length; c++) {
          means[t][c] += values.get(row, c) / rows[t].length;
        }
      }
    }
    return Matrix.of(means);
  }

  /** The sum of each token's columns, each multiplied by the token's share of it, [H, tokens]. */
  Matrix sharesOfColumns(Matrix perRow) {
    float[] perToken = new float[perRow.rows() * rows.length];
    for (int h = 0; h < perRow.rows(); h++) {
      for (int t = 0; t < rows.length; t++) {
        float sum = 0;
        for (int i = 0; i < rows[t].length; i++) {
          sum += shares[t][i] * perRow.get(h, rows[t][i]);
        }
        perToken[h * rows.length + t] = sum;
      }
    }
    return new Matrix(perRow.rows(), rows.length, perToken);
  }

  /** The mean of each token's columns, [H, tokens]. */
  Matrix meansOfColumns(Matrix perRow) {
    float[] perToken = new float[perRow.rows() * rows.length];
    for (int h = 0; h < perRow.rows(); h++) {
      for (int t = 0; t < rows.length; t++) {
        float sum = 0;
        for (int row : rows[t]) {
          sum += perRow.get(h, row);
        }
        perToken[h * rows.length + t] = sum / rows[t].length;
      }
    }
    return new Matrix(perRow.rows(), rows.length, perToken);
  }
}
