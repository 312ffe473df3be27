package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;

/**
 * Keeps the first frame whole, and of the others the tokens least like the one in the same place of
 * the frame before: score 1 - cosine, ranked over all frames together (Efficient Video Sampling, by
 * the rule of vLLM's {@code --video-pruning-rate}).
 *
 * <p>There, at least one frame's tokens are kept whatever the rate; here a smaller budget keeps the
 * first of them.
 */
public record Evs() implements TokenScorer<PatchTokens> {

  @Override
  public float[] score(PatchTokens tokens) {
    return PreviousFrame.novelty(tokens, PreviousFrame.of(tokens));
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    return PreviousFrame.operations(tokens);
  }
}
