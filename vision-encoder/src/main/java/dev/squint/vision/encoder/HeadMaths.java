package dev.squint.vision.encoder;

import dev.squint.pruner.Matrix;
import dev.squint.vision.encoder.TileStates.Values;

/** Computations on the values of a tap, which are [heads, rows, headDim] or [rows, D]. */
final class HeadMaths {

  private HeadMaths() {}

  /** Values of two dimensions as a matrix. */
  static Matrix matrix(Values values) {
    return new Matrix(values.size(0), values.size(1), values.values());
  }

  /** From [H, S, d] to [S, H * d]. */
  static Matrix headsJoined(Values perHead) {
    int heads = perHead.size(0);
    int rows = perHead.size(1);
    int dim = perHead.size(2);
    float[] joined = new float[heads * rows * dim];
    for (int h = 0; h < heads; h++) {
      for (int r = 0; r < rows; r++) {
        System.arraycopy(
            perHead.values(), (h * rows + r) * dim, joined, (r * heads + h) * dim, dim);
      }
    }
    return new Matrix(rows, heads * dim, joined);
  }

  /** The first row of each head, [H, 1, d]. */
  static Values firstRow(Values perHead) {
    int heads = perHead.size(0);
    int dim = perHead.size(2);
    float[] first = new float[heads * dim];
    for (int h = 0; h < heads; h++) {
      System.arraycopy(perHead.values(), h * perHead.size(1) * dim, first, h * dim, dim);
    }
    return new Values(first, new long[] {heads, 1, dim});
  }

  /** The mean of each head's rows, [H, 1, d]. */
  static Values meanRow(Values perHead) {
    int heads = perHead.size(0);
    int rows = perHead.size(1);
    int dim = perHead.size(2);
    float[] means = new float[heads * dim];
    for (int h = 0; h < heads; h++) {
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < dim; c++) {
          means[h * dim + c] += perHead.values()[(h * rows + r) * dim + c] / rows;
        }
      }
    }
    return new Values(means, new long[] {heads, 1, dim});
  }

  /** The dot products of one query with all keys, [H, S]. */
  static Matrix dots(Values query, Values keys) {
    int heads = keys.size(0);
    int rows = keys.size(1);
    int dim = keys.size(2);
    float[] dots = new float[heads * rows];
    for (int h = 0; h < heads; h++) {
      for (int r = 0; r < rows; r++) {
        float sum = 0;
        for (int c = 0; c < dim; c++) {
          sum += query.values()[h * dim + c] * keys.values()[(h * rows + r) * dim + c];
        }
        dots[h * rows + r] = sum;
      }
    }
    return new Matrix(heads, rows, dots);
  }

  /**
   * The softmax of each row of logits, with a bias for each column.
   *
   * @param bias of the first columns; 0 for the others, because an encoder in one stage has a bias
   *     only for its visual tokens
   */
  static Matrix softmax(Matrix logits, float[] bias) {
    float[] attention = new float[logits.rows() * logits.cols()];
    for (int h = 0; h < logits.rows(); h++) {
      double most = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < logits.cols(); j++) {
        most = Math.max(most, logits.get(h, j) + bias(bias, j));
      }
      double sum = 0;
      for (int j = 0; j < logits.cols(); j++) {
        double value = Math.exp(logits.get(h, j) + bias(bias, j) - most);
        attention[h * logits.cols() + j] = (float) value;
        sum += value;
      }
      for (int j = 0; j < logits.cols(); j++) {
        attention[h * logits.cols() + j] /= (float) sum;
      }
    }
    return new Matrix(logits.rows(), logits.cols(), attention);
  }

  private static float bias(float[] bias, int column) {
    return column < bias.length ? bias[column] : 0;
  }
}
