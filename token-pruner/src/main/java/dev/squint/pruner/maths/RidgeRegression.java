package dev.squint.pruner.maths;

import dev.squint.pruner.Matrix;
import java.util.Arrays;
import java.util.List;

/**
 * A linear function of rows [N, D], fitted by least squares with a penalty on its weights, which
 * are counted in standard deviations of each column.
 *
 * @param weights of the columns, [D]
 * @param intercept value of the zero row
 */
public record RidgeRegression(double[] weights, double intercept) {

  /** Copies the weights. */
  public RidgeRegression {
    weights = weights.clone();
  }

  /** The value of a row of a matrix. */
  public double of(Matrix rows, int row) {
    double value = intercept;
    for (int c = 0; c < weights.length; c++) {
      value += weights[c] * rows.get(row, c);
    }
    return value;
  }

  @Override
  public double[] weights() {
    return weights.clone();
  }

  /** Rows whose function is to be fitted; keeps what all strengths of the penalty share. */
  public static final class Data {
    private final double[] means;
    private final double[] deviations;
    private final double[][] gram;
    private final double[] moments;
    private final double targetMean;
    private final long count;

    /**
     * Reads rows and targets.
     *
     * @param rows parts of the rows, [N_i, D] each
     * @param targets of each part, [N_i]
     * @throws IllegalArgumentException if there is no row
     */
    public Data(List<Matrix> rows, List<double[]> targets) {
      count = rows.stream().mapToLong(Matrix::rows).sum();
      if (count == 0) {
        throw new IllegalArgumentException("there is no row to fit");
      }
      int width = rows.get(0).cols();
      means = new double[width];
      deviations = new double[width];
      targetMean = targets.stream().mapToDouble(part -> Arrays.stream(part).sum()).sum() / count;
      standardise(rows);
      gram = new double[width][width];
      moments = new double[width];
      double[] row = new double[width];
      for (int part = 0; part < rows.size(); part++) {
        for (int n = 0; n < rows.get(part).rows(); n++) {
          for (int c = 0; c < width; c++) {
            row[c] = (rows.get(part).get(n, c) - means[c]) / deviations[c];
          }
          add(row, targets.get(part)[n] - targetMean);
        }
      }
    }

    private void standardise(List<Matrix> rows) {
      for (Matrix part : rows) {
        for (int n = 0; n < part.rows(); n++) {
          for (int c = 0; c < means.length; c++) {
            means[c] += part.get(n, c) / (double) count;
          }
        }
      }
      for (Matrix part : rows) {
        for (int n = 0; n < part.rows(); n++) {
          for (int c = 0; c < means.length; c++) {
            double away = part.get(n, c) - means[c];
            deviations[c] += away * away / count;
          }
        }
      }
      for (int c = 0; c < means.length; c++) {
        // A column of one value says nothing; any scale leaves its weight 0.
        deviations[c] = deviations[c] > 0 ? Math.sqrt(deviations[c]) : 1;
      }
    }

    private void add(double[] row, double target) {
      for (int i = 0; i < row.length; i++) {
        double[] into = gram[i];
        double a = row[i];
        for (int j = 0; j <= i; j++) {
          into[j] += a * row[j];
        }
        moments[i] += a * target;
      }
    }

    /**
     * Fits the function.
     *
     * @param strength of the penalty, as a share of the number of rows; above 0
     */
    public RidgeRegression fit(double strength) {
      int width = means.length;
      double[][] matrix = new double[width][];
      for (int i = 0; i < width; i++) {
        matrix[i] = gram[i].clone();
        matrix[i][i] += strength * count;
      }
      double[] weights = solved(matrix, moments);
      double intercept = targetMean;
      for (int c = 0; c < width; c++) {
        weights[c] /= deviations[c];
        intercept -= weights[c] * means[c];
      }
      return new RidgeRegression(weights, intercept);
    }
  }

  /**
   * Solves a system by Cholesky's factorisation, which takes the place of the matrix.
   *
   * @param matrix lower triangle of a positive definite matrix, [D, D]
   */
  private static double[] solved(double[][] matrix, double[] right) {
    int size = right.length;
    for (int i = 0; i < size; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = matrix[i][j];
        for (int k = 0; k < j; k++) {
          sum -= matrix[i][k] * matrix[j][k];
        }
        matrix[i][j] = i == j ? Math.sqrt(sum) : sum / matrix[j][j];
      }
    }
    double[] solution = right.clone();
    for (int i = 0; i < size; i++) {
      for (int k = 0; k < i; k++) {
        solution[i] -= matrix[i][k] * solution[k];
      }
      solution[i] /= matrix[i][i];
    }
    for (int i = size - 1; i >= 0; i--) {
      for (int k = i + 1; k < size; k++) {
        solution[i] -= matrix[k][i] * solution[k];
      }
      solution[i] /= matrix[i][i];
    }
    return solution;
  }
}
