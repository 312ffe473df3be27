package dev.squint.pruner.method.cache;

import dev.squint.pruner.Matrix;

/**
 * A matrix as low-bit codes: x = code * step + least, with a step and a least value for each block
 * of elements.
 *
 * @param packed codes from 0 to 2^bits - 1, [rows, cols]
 * @param least smallest element of each block, [block rows, block cols]
 * @param step difference of two adjacent codes, same shape; 0 where all elements are equal
 * @param bits bits of a code
 * @param blockRows rows of a block
 * @param blockCols columns of a block
 */
record QuantizedMatrix(
    PackedCodes packed, Matrix least, Matrix step, int bits, int blockRows, int blockCols) {

  /**
   * Number of {@link dev.squint.pruner.Operations} for each element: subtract the least, divide by
   * the step, round.
   */
  static final double OPERATIONS = 3;

  /** Quantizes a matrix, rounding half to even. Blocks at the end may be smaller. */
  static QuantizedMatrix of(Matrix rows, int bits, int blockRows, int blockCols) {
    int down = -Math.floorDiv(-rows.rows(), blockRows);
    int across = -Math.floorDiv(-rows.cols(), blockCols);
    float[] least = new float[down * across];
    float[] step = new float[down * across];
    PackedCodes codes = new PackedCodes(rows.rows(), rows.cols(), bits);
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
          float steps = step[b] == 0 ? 0 : (rows.get(r, c) - least[b]) / step[b];
          codes.set(r, c, Math.min(levels, (int) Math.rint(steps)));
        }
      }
    }
    return new QuantizedMatrix(
        codes,
        new Matrix(down, across, least),
        new Matrix(down, across, step),
        bits,
        blockRows,
        blockCols);
  }

  /** The codes, [rows, cols]. */
  int[][] codes() {
    int[][] codes = new int[packed.rows()][packed.cols()];
    for (int r = 0; r < codes.length; r++) {
      for (int c = 0; c < codes[r].length; c++) {
        codes[r][c] = packed.get(r, c);
      }
    }
    return codes;
  }

  /** The dequantized matrix. */
  Matrix dequantised() {
    int cols = packed.cols();
    float[] read = new float[packed.rows() * cols];
    for (int r = 0; r < packed.rows(); r++) {
      for (int c = 0; c < cols; c++) {
        int block = r / blockRows * step.cols() + c / blockCols;
        read[r * cols + c] = packed.get(r, c) * step.data()[block] + least.data()[block];
      }
    }
    return new Matrix(packed.rows(), cols, read);
  }

  /** Size in bytes: codes packed row by row, and two floats for each block. */
  long bytes() {
    return packed.size() + 2L * Float.BYTES * step.data().length;
  }
}
