package dev.squint.pruner.maths;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;

/**
 * Effective rank: the exponential of the entropy of the singular values divided by their sum (Roy
 * and Vetterli, The effective rank, EUSIPCO 2007). From 1, for rows on one line, to the shorter
 * side of the matrix.
 */
public final class EffectiveRank {
  private static final int HALVINGS = 52;

  private EffectiveRank() {}

  /** The effective rank; 0 for a matrix of zeros. */
  public static double of(Matrix matrix) {
    double[] values = squares(matrix);
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.sqrt(values[i]);
      sum += values[i];
    }
    if (sum == 0) {
      return 0;
    }
    double entropy = 0;
    for (double value : values) {
      entropy -= value == 0 ? 0 : value / sum * Math.log(value / sum);
    }
    return Math.exp(entropy);
  }

  /**
   * Number of {@link Operations}: products of the shorter side's vectors, 4/3 m^3 to make them
   * tridiagonal, bisection, and 6 for each of the m values.
   */
  public static double operations(double rows, double cols) {
    double shorter = Math.min(rows, cols);
    return shorter * (shorter + 1) * Math.max(rows, cols)
        + 4 * shorter * shorter * shorter / 3
        + 4.0 * HALVINGS * shorter * shorter
        + 6 * shorter;
  }

  /** Squares of the min(rows, cols) singular values, ascending. */
  private static double[] squares(Matrix matrix) {
    double[][] gram = gram(matrix);
    int n = gram.length;
    double[] diagonal = new double[n];
    double[] beside = new double[n];
    tridiagonal(gram, diagonal, beside);
    double most = 0;
    for (int i = 0; i < n; i++) {
      double before = i == 0 ? 0 : Math.abs(beside[i - 1]);
      most = Math.max(most, diagonal[i] + before + Math.abs(beside[i]));
    }
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = eigenvalue(i, most, diagonal, beside);
    }
    return values;
  }

  /** Dot products of all vectors of the shorter side, whose eigenvalues are the squares. */
  private static double[][] gram(Matrix matrix) {
    boolean wide = matrix.cols() >= matrix.rows();
    int n = wide ? matrix.rows() : matrix.cols();
    int length = wide ? matrix.cols() : matrix.rows();
    double[][] vectors = new double[n][length];
    for (int v = 0; v < n; v++) {
      for (int i = 0; i < length; i++) {
        vectors[v][i] = wide ? matrix.get(v, i) : matrix.get(i, v);
      }
    }
    double[][] gram = new double[n][n];
    for (int a = 0; a < n; a++) {
      for (int b = 0; b <= a; b++) {
        gram[a][b] = dot(vectors[a], vectors[b], 0);
        gram[b][a] = gram[a][b];
      }
    }
    return gram;
  }

  /** Householder reflections; the matrix is overwritten. */
  private static void tridiagonal(double[][] a, double[] diagonal, double[] beside) {
    int n = a.length;
    double[] v = new double[n];
    double[] w = new double[n];
    for (int k = 0; k < n; k++) {
      diagonal[k] = a[k][k];
      if (k == n - 1) {
        break;
      }
      for (int i = k + 1; i < n; i++) {
        v[i] = a[i][k];
      }
      double alpha = -Math.copySign(Math.sqrt(dot(v, v, k + 1)), v[k + 1]);
      beside[k] = alpha;
      v[k + 1] -= alpha;
      double length = dot(v, v, k + 1);
      if (length == 0) {
        continue;
      }
      for (int i = k + 1; i < n; i++) {
        w[i] = 2 * dot(a[i], v, k + 1) / length;
      }
      double along = dot(v, w, k + 1) / length;
      for (int i = k + 1; i < n; i++) {
        w[i] -= along * v[i];
      }
      for (int i = k + 1; i < n; i++) {
        for (int j = k + 1; j < n; j++) {
          a[i][j] -= v[i] * w[j] + w[i] * v[j];
        }
      }
    }
  }

  /** The eigenvalue above {@code below} others, between 0 and {@code most}, by bisection. */
  private static double eigenvalue(int below, double most, double[] diagonal, double[] beside) {
    double low = 0;
    double high = most;
    for (int halving = 0; halving < HALVINGS; halving++) {
      double middle = (low + high) / 2;
      if (smaller(middle, diagonal, beside) > below) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return low;
  }

  /** How many eigenvalues are smaller: the negative pivots of the shifted matrix (Sturm). */
  private static int smaller(double than, double[] diagonal, double[] beside) {
    int count = 0;
    double pivot = 1;
    for (int i = 0; i < diagonal.length; i++) {
      double before = i == 0 ? 0 : beside[i - 1] * beside[i - 1] / pivot;
      pivot = diagonal[i] - than - before;
      if (pivot == 0) {
        pivot = Double.MIN_NORMAL;
      }
      count += pivot < 0 ? 1 : 0;
    }
    return count;
  }

  private static double dot(double[] a, double[] b, int from) {
    double sum = 0;
    for (int i = from; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
