package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Continuation;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PromptLogits;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;
import dev.squint.pruner.evidence.LastQueryLogits;
import dev.squint.pruner.maths.Pooling;
import java.util.List;
import java.util.Set;

/**
 * Keeps the visual tokens with the highest smoothed logits for the last prompt token in one layer,
 * and restarts the decoder with the shorter prompt. GemFilter (arXiv 2409.17422); the authors act
 * after 14 of 32 layers.
 *
 * <p>Scores are logits without a softmax, summed over the heads and averaged over neighbours in the
 * prompt. The authors select among all tokens of a text; here all text is kept.
 *
 * @param kernel width of the averaging window, an odd number; 5 in the paper
 */
public record GemFilter(int kernel) implements TokenScorer<LayerTokens> {
  private static final LastQueryLogits LOGITS = new LastQueryLogits();

  public GemFilter {
    if (kernel < 1 || kernel % 2 == 0) {
      throw new IllegalArgumentException("kernel must be odd and at least 1 but was " + kernel);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(LOGITS);
  }

  @Override
  public Continuation continuation() {
    return Continuation.RESTART;
  }

  @Override
  public float[] score(LayerTokens tokens) {
    PromptLogits logits = tokens.evidence(LOGITS);
    float[] pooled = pooled(logits.perHead());
    int[] visual = logits.visual();
    float[] scores = new float[visual.length];
    for (int j = 0; j < scores.length; j++) {
      scores[j] = pooled[visual[j]];
    }
    return scores;
  }

  /** Sums over heads and means over neighbours. */
  @Override
  public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
    PromptLogits logits = tokens.evidence(LOGITS);
    return (double) logits.tokens() * (logits.perHead().size() + kernel + 1);
  }

  /** Sum over the heads, then mean over neighbours with zeros beyond the ends, [S]. */
  float[] pooled(List<Matrix> perHead) {
    float[] sums = new float[perHead.get(0).cols()];
    for (Matrix head : perHead) {
      for (int j = 0; j < sums.length; j++) {
        sums[j] += head.get(0, j);
      }
    }
    return Pooling.mean(sums, kernel);
  }
}
