package dev.squint.pruner.cache;

import dev.squint.pruner.Matrix;

/**
 * A matrix in codes of few bits: x = code * step + least, with a step and a least value for each
 * block of elements.
 *
 * @param codes from 0 to 2^bits - 1, [rows, cols]
 * @param least smallest element of each block, [block rows, block cols]
 * @param step distance of two codes, of the same shape; 0 where all elements are the same
 * @param bits of a code
 * @param blockRows rows of a block
 * @param blockCols columns of a block
 */
record Quantised(int[][] codes, Matrix least, Matrix step, int bits, int blockRows, int blockCols) {

  /** Codes of a matrix; blocks at the end may be smaller. Codes are rounded half to even. */
  static Quantised of(Matrix rows, int bits, int blockRows, int blockCols) {
    int down = -Math.floorDiv(-rows.rows(), blockRows);
    int across = -Math.floorDiv(-rows.cols(), blockCols);
    float[] least = new float[down * across];
    float[] step = new float[down * across];
    int[][] codes = new int[rows.rows()][rows.cols()];
    int levels = (1 << bits) - 1;
    for (int b = 0; b < least.length; b++) {
      int top = b / across * blockRows;
      int left = b % across * blockCols;
      int bottom = Math.min(rows.rows(), top + blockRows);
      int right = Math.min(rows.cols(), left + blockCols);
      float most = Float.NEGATIVE_INFINITY;
      least[b] = Float.POSITIVE_INFINITY;
      for (int r = top; r < bottom; r++) {
        for (int c = left; c < right; c++) {
          least[b] = Math.min(least[b], rows.get(r, c));
          most = Math.max(most, rows.get(r, c));
        }
      }
      step[b] = (most - least[b]) / levels;
      for (int r = top; r < bottom; r++) {
        for (int c = left; c < right; c++) {
          codes[r][c] = step[b] == 0 ? 0 : (int) Math.rint((rows.get(r, c) - least[b]) / step[b]);
        }
      }
    }
    return new Quantised(
        codes,
        new Matrix(down, across, least),
        new Matrix(down, across, step),
        bits,
        blockRows,
        blockCols);
  }

  /** The matrix as it is read back. */
  Matrix dequantised() {
    float[][] rows = new float[codes.length][];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = new float[codes[r].length];
      for (int c = 0; c < rows[r].length; c++) {
        int row = r / blockRows;
        int col = c / blockCols;
        rows[r][c] = codes[r][c] * step.get(row, col) + least.get(row, col);
      }
    }
    return Matrix.of(rows);
  }

  /** What it takes: codes packed row by row, and two floats for each block. */
  long bytes() {
    int cols = codes.length == 0 ? 0 : codes[0].length;
    return codes.length * (((long) cols * bits + 7) / 8) + 2L * Float.BYTES * step.data().length;
  }
}
