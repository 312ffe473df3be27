package dev.squint.pruner;

/**
 * Keys of one attention layer, one row per token, the heads side by side, [N, heads * headDim];
 * with bias, before any scaling. When tokens merge, their keys are combined with the same weights
 * as the features.
 *
 * @param rows [N, heads * headDim]
 * @param heads number of heads; must divide the number of columns
 */
public record Keys(Matrix rows, int heads) {
  public Keys {
    if (heads < 1 || rows.cols() % heads != 0) {
      throw new IllegalArgumentException(
          "the number of columns of keys, %d, must be a multiple of the number of heads, %d"
              .formatted(rows.cols(), heads));
    }
  }

  /** Mean over the heads, [N, headDim]. */
  public Matrix meanOverHeads() {
    if (heads == 1) {
      return rows;
    }
    int dim = rows.cols() / heads;
    float[] means = new float[rows.rows() * dim];
    for (int i = 0; i < rows.rows(); i++) {
      for (int c = 0; c < dim; c++) {
        float sum = 0;
        for (int h = 0; h < heads; h++) {
          sum += rows.get(i, h * dim + c);
        }
        means[i * dim + c] = sum / heads;
      }
    }
    return new Matrix(rows.rows(), dim, means);
  }
}
