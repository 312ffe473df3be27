package dev.squint.pruner;

/**
 * Attention that each token receives, [H, N]. The softmax is over all keys of the query; the
 * columns of other keys are removed afterwards without renormalisation, so a row sums to at most 1.
 * When tokens merge, their attention is summed.
 *
 * @param perHead [H, N]
 * @param substitute whether this is the mean over all queries because the encoder has no CLS token;
 *     this deviates from the methods' papers, and answers must say so
 */
public record Attention(Matrix perHead, boolean substitute) {

  /** Attention of the query that the methods' papers use; not a substitute. */
  public static Attention of(Matrix perHead) {
    return new Attention(perHead, false);
  }

  /** Mean over the heads, [N]. */
  public float[] meanOverHeads() {
    return perHead.columnMeans();
  }

  /** The attention to the remaining tokens; the attention of merged tokens is summed. */
  public Attention reduced(TokenReduction reduction) {
    return new Attention(reduction.sumColumns(perHead), substitute);
  }
}
