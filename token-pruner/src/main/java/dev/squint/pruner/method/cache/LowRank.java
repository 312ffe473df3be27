package dev.squint.pruner.method.cache;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;

/**
 * A low-rank approximation of a matrix E by power iteration: Q (Q' E), Q orthonormal.
 *
 * @param left Q, [N, rank]
 * @param right (Q' E)', [d, rank]
 */
record LowRank(Matrix left, Matrix right) {

  /**
   * The approximation of a matrix.
   *
   * @param of E, [N, d]
   * @param start where the iteration starts, [d, rank]
   * @param rounds of the iteration, at least 1
   */
  static LowRank of(Matrix of, Matrix start, int rounds) {
    Matrix transposed = transposed(of);
    Matrix right = transposed(start);
    Matrix left = right;
    for (int round = 0; round < rounds; round++) {
      boolean last = round == rounds - 1;
      left = (last ? orthonormal(right) : right).timesTransposed(of);
      left = last ? orthonormal(left) : left;
      right = left.timesTransposed(transposed);
    }
    return new LowRank(transposed(left), transposed(right));
  }

  /**
   * Number of {@link Operations} to approximate a matrix [N, d]: two products a round, and two
   * orthonormal bases by Gram-Schmidt, each repeated once.
   */
  static double operations(double rows, double cols, double rank, double rounds) {
    double bases = (rows + cols) * rank * (4 * (rank - 1) + 5);
    return rounds * 2 * Operations.dots(rows, cols, rank) + bases;
  }

  /** The product, [N, d]. */
  Matrix product() {
    return left.timesTransposed(right);
  }

  long bytes() {
    return (long) Float.BYTES * (left.data().length + right.data().length);
  }

  /** Makes the rows orthonormal in order; linearly dependent rows become zeros. */
  private static Matrix orthonormal(Matrix rows) {
    double[][] basis = new double[rows.rows()][rows.cols()];
    float[][] result = new float[rows.rows()][rows.cols()];
    for (int r = 0; r < basis.length; r++) {
      for (int c = 0; c < rows.cols(); c++) {
        basis[r][c] = rows.get(r, c);
      }
      double before = norm(basis[r]);
      // Twice, because once leaves rounding errors where rows are nearly parallel.
      for (int pass = 0; pass < 2; pass++) {
        for (int q = 0; q < r; q++) {
          double dot = 0;
          for (int c = 0; c < rows.cols(); c++) {
            dot += basis[r][c] * basis[q][c];
          }
          for (int c = 0; c < rows.cols(); c++) {
            basis[r][c] -= dot * basis[q][c];
          }
        }
      }
      double norm = norm(basis[r]);
      double scale = norm > 1e-6 * before ? 1 / norm : 0;
      for (int c = 0; c < rows.cols(); c++) {
        basis[r][c] *= scale;
        result[r][c] = (float) basis[r][c];
      }
    }
    return Matrix.of(result);
  }

  private static double norm(double[] row) {
    double square = 0;
    for (double value : row) {
      square += value * value;
    }
    return Math.sqrt(square);
  }

  static Matrix transposed(Matrix rows) {
    float[] transposed = new float[rows.data().length];
    for (int r = 0; r < rows.rows(); r++) {
      for (int c = 0; c < rows.cols(); c++) {
        transposed[c * rows.rows() + r] = rows.get(r, c);
      }
    }
    return new Matrix(rows.cols(), rows.rows(), transposed);
  }
}
