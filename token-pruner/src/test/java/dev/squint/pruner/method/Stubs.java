package dev.squint.pruner.method;

import dev.squint.pruner.Matrix;

/** What stands for the branches of a decoder layer in the golden files. */
public final class Stubs {
  private Stubs() {}

  /** x + share * mean of the rows up to this one. */
  public static Matrix residual(Matrix rows, float share) {
    float[] values = rows.data().clone();
    Matrix means = cumulativeMeans(rows);
    for (int i = 0; i < values.length; i++) {
      values[i] += share * means.data()[i];
    }
    return new Matrix(rows.rows(), rows.cols(), values);
  }

  /** Mean of the rows up to each one. */
  public static Matrix cumulativeMeans(Matrix rows) {
    float[] means = new float[rows.data().length];
    double[] sums = new double[rows.cols()];
    for (int i = 0; i < rows.rows(); i++) {
      for (int c = 0; c < rows.cols(); c++) {
        sums[c] += rows.get(i, c);
        means[i * rows.cols() + c] = (float) (sums[c] / (i + 1));
      }
    }
    return new Matrix(rows.rows(), rows.cols(), means);
  }

  /** tanh(0.7 x). */
  public static Matrix tanh(Matrix rows) {
    float[] values = rows.data().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.tanh(0.7 * values[i]);
    }
    return new Matrix(rows.rows(), rows.cols(), values);
  }
}
