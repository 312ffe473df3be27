package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Operations;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;
import dev.squint.pruner.evidence.LastQueryAttention;
import java.util.Set;

/**
 * Keeps the visual tokens that the last prompt token attends to most, mean over the heads. FastV
 * (arXiv 2403.06764); the authors prune after 2 layers. The caches of these layers keep every
 * token.
 */
public record FastV() implements TokenScorer<LayerTokens> {
  private static final LastQueryAttention ATTENTION = new LastQueryAttention();

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(ATTENTION);
  }

  @Override
  public float[] score(LayerTokens tokens) {
    return tokens.evidence(ATTENTION).meanOverHeads();
  }

  @Override
  public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
    int heads = tokens.evidence(ATTENTION).perHead().rows();
    return Operations.columnMeans(heads, tokens.size());
  }
}
