package dev.squint.pruner;

/**
 * Attention that each token receives, [H, N]: softmax over all keys of the query, other keys than
 * these N tokens dropped afterwards and nothing renormalised, so a row sums to less than 1. When
 * tokens merge, their attention adds up.
 *
 * @param perHead [H, N]
 * @param substitute whether the encoder has no CLS token and this is the mean over all queries
 *     instead, a deviation from the methods' papers that answers must mention
 */
public record Attention(Matrix perHead, boolean substitute) {

  /** Attention of the query that the methods mean. */
  public static Attention of(Matrix perHead) {
    return new Attention(perHead, false);
  }

  /** Mean over the heads, [N]. */
  public float[] meanOverHeads() {
    return perHead.columnMeans();
  }

  /** The attention to the tokens left; what merged tokens received adds up. */
  public Attention reduced(TokenReduction reduction) {
    return new Attention(reduction.sumColumns(perHead), substitute);
  }
}
