package dev.squint.pruner.maths;

import dev.squint.pruner.Matrix;

/** Singular values by one-sided Jacobi rotations, accurate enough for the rank. */
public final class SingularValues {
  private static final int SWEEPS = 60;
  private static final double EPS = 1.1920929e-7; // float32's

  private SingularValues() {}

  /**
   * Number of singular values above the largest one times max(rows, cols) times the epsilon of
   * float32.
   */
  public static int rank(Matrix matrix) {
    double[] values = of(matrix);
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, value);
    }
    double least = largest * Math.max(matrix.rows(), matrix.cols()) * EPS;
    int rank = 0;
    for (double value : values) {
      rank += value > least ? 1 : 0;
    }
    return rank;
  }

  /**
   * Number of {@link dev.squint.pruner.Operations} of the singular values by reduction to
   * bidiagonal form: 4 n m^2 - 4/3 m^3, m the shorter side (Golub and Van Loan, 5.4).
   */
  public static double operations(double rows, double cols) {
    double shorter = Math.min(rows, cols);
    return 4 * shorter * shorter * (Math.max(rows, cols) - shorter / 3);
  }

  /** All min(rows, cols) singular values, unordered. */
  private static double[] of(Matrix matrix) {
    boolean wide = matrix.cols() > matrix.rows();
    int vectors = wide ? matrix.rows() : matrix.cols();
    int length = wide ? matrix.cols() : matrix.rows();
    double[][] columns = new double[vectors][length];
    for (int v = 0; v < vectors; v++) {
      for (int i = 0; i < length; i++) {
        columns[v][i] = wide ? matrix.get(v, i) : matrix.get(i, v);
      }
    }
    boolean rotated = true;
    for (int sweep = 0; sweep < SWEEPS && rotated; sweep++) {
      rotated = false;
      for (int p = 0; p < vectors; p++) {
        for (int q = p + 1; q < vectors; q++) {
          rotated |= rotate(columns[p], columns[q]);
        }
      }
    }
    double[] values = new double[vectors];
    for (int v = 0; v < vectors; v++) {
      values[v] = Math.sqrt(dot(columns[v], columns[v]));
    }
    return values;
  }

  /** Makes two vectors orthogonal; returns false when they already were. */
  private static boolean rotate(double[] a, double[] b) {
    double alpha = dot(a, a);
    double beta = dot(b, b);
    double gamma = dot(a, b);
    if (gamma == 0 || Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta)) {
      return false;
    }
    double zeta = (beta - alpha) / (2 * gamma);
    double t = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
    double cos = 1 / Math.sqrt(1 + t * t);
    double sin = cos * t;
    for (int i = 0; i < a.length; i++) {
      double x = a[i];
      a[i] = cos * x - sin * b[i];
      b[i] = sin * x + cos * b[i];
    }
    return true;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
