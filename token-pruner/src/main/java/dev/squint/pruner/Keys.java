package dev.squint.pruner;

/**
 * Keys of one attention layer, one row a token, the heads side by side, [N, heads * headDim]; with
 * bias, before any scaling. When tokens merge, their keys mix as the features do.
 *
 * @param rows [N, heads * headDim]
 * @param heads number of heads, which divides the columns
 */
public record Keys(Matrix rows, int heads) {
  public Keys {
    if (heads < 1 || rows.cols() % heads != 0) {
      throw new IllegalArgumentException(
          "keys of %d columns cannot have %d heads".formatted(rows.cols(), heads));
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
