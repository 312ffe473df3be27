package dev.squint.pruner;

/**
 * Attention logits q k / sqrt(d) of one query to each token before the softmax, [H, N]. When tokens
 * merge, their logits mix as the features do.
 *
 * @param perHead [H, N]
 * @param substitute whether the encoder has no CLS token and this is the mean over all queries
 *     instead
 */
public record Logits(Matrix perHead, boolean substitute) {

  /** Logits of the query that the methods mean. */
  public static Logits of(Matrix perHead) {
    return new Logits(perHead, false);
  }

  /** The logits of the tokens left; those of merged tokens are averaged. */
  public Logits reduced(TokenReduction reduction) {
    return new Logits(reduction.applyColumns(perHead), substitute);
  }
}
