package dev.squint.pruner;

/**
 * Counts the operations of the methods' maths. Each addition, multiplication, division, root,
 * exponential, logarithm or other function of real numbers counts as one, so a multiply-add is two.
 * Comparing, ranking, counting and copying are free.
 */
public final class Operations {
  private Operations() {}

  /** Dot products of all rows with all others, {@link Matrix#timesTransposed}. */
  public static double dots(double rows, double others, double cols) {
    return 2 * rows * others * cols;
  }

  /** Dot products of all pairs of different rows, {@link Matrix#timesOwnTransposed}. */
  public static double pairs(double rows, double cols) {
    return rows * (rows - 1) * cols;
  }

  /** Rows scaled to length 1, {@link Matrix#unitRows}: squares, their sum, root, scaling. */
  public static double unitRows(double rows, double cols) {
    return rows * (3 * cols + 2);
  }

  /** Means over rows, such as over heads, {@link Matrix#columnMeans}. */
  public static double columnMeans(double rows, double cols) {
    return (rows + 1) * cols;
  }

  /** A softmax of each row: subtract the maximum, exponential, sum, division. */
  public static double softmax(double rows, double cols) {
    return 4 * rows * cols;
  }

  /**
   * Attention weights of some queries to some keys in each head, without the product with the
   * values.
   */
  public static double attention(double heads, double queries, double keys, double headDim) {
    return heads * (dots(queries, keys, headDim) + softmax(queries, keys));
  }
}
