package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Continuation;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Operations;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;
import dev.squint.pruner.evidence.NextLayerAttention;
import java.util.Set;

/**
 * Keeps the visual tokens that the last prompt token would attend to most in the next layer, mean
 * over the heads. PyramidDrop (arXiv 2410.17247); the authors keep half of the tokens before layers
 * 8, 16 and 24 of 32.
 */
public record PyramidDrop() implements TokenScorer<LayerTokens> {
  private static final NextLayerAttention ATTENTION = new NextLayerAttention();

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(ATTENTION);
  }

  @Override
  public Continuation continuation() {
    return Continuation.RENUMBER;
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
