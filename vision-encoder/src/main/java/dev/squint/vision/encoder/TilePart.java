package dev.squint.vision.encoder;

import dev.squint.pruner.Matrix;
import dev.squint.vision.encoder.TileStates.Values;
import dev.squint.vision.onnx.graph.Tap;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
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

  /** A tile whose rows are all patches, none merged. */
  static TilePart whole(TileStates tile, PatchRows rows) {
    int[] all = IntStream.range(0, rows.tokens().rows() * rows.tokens().cols()).toArray();
    return of(tile, rows, all, patch -> patch, rows.patches().rows() * rows.patches().cols());
  }

  /**
   * Finds the rows of some of a tile's tokens.
   *
   * @param tokens numbers of the tokens
   * @param rowOfPatch the row that each patch of these tokens was merged into
   * @param left number of rows of patches
   */
  static TilePart of(
      TileStates tile, PatchRows rows, int[] tokens, IntUnaryOperator rowOfPatch, int left) {
    int[] members = new int[left];
    IntStream.of(tokens)
        .flatMap(token -> IntStream.of(rows.ofToken(token)))
        .map(rowOfPatch)
        .forEach(row -> members[row]++);
    int[][] ofToken = new int[tokens.length][];
    float[][] shares = new float[tokens.length][];
    for (int token = 0; token < tokens.length; token++) {
      int[] patches = rows.ofToken(tokens[token]);
      ofToken[token] = new int[patches.length];
      shares[token] = new float[patches.length];
      for (int i = 0; i < patches.length; i++) {
        int row = rowOfPatch.applyAsInt(patches[i]);
        ofToken[token][i] = rows.first() + row;
        shares[token][i] = 1f / members[row];
      }
    }
    return new TilePart(tile, rows.cls(), ofToken, shares);
  }

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
