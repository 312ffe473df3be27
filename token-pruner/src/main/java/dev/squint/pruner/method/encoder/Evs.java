package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;

/**
 * Keeps the whole first frame, and of the other frames the tokens that differ most from the token
 * at the same position of the previous frame: score 1 - cosine, ranked over all frames together.
 * Efficient Video Sampling, by the rule of vLLM's {@code --video-pruning-rate}.
 *
 * <p>vLLM always keeps at least the tokens of one frame; here a smaller budget keeps the first
 * tokens of that frame.
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
