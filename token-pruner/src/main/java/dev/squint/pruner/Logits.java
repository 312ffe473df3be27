package dev.squint.pruner;

/**
 * Attention logits q k / sqrt(d) of one query for each token before the softmax, [H, N]. When
 * tokens merge, their logits are combined with the same weights as the features.
 *
 * @param perHead [H, N]
 * @param substitute whether this is the mean over all queries because the encoder has no CLS token
 */
public record Logits(Matrix perHead, boolean substitute) {

  /** Logits of the query that the methods' papers use; not a substitute. */
  public static Logits of(Matrix perHead) {
    return new Logits(perHead, false);
  }

  /** The logits of the remaining tokens; those of merged tokens are averaged. */
  public Logits reduced(TokenReduction reduction) {
    return new Logits(reduction.applyColumns(perHead), substitute);
  }
}
