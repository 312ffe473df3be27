package dev.squint.pruner.method.frames;

import dev.squint.pruner.Budget;
import dev.squint.pruner.FrameTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.method.encoder.Quota;

/** Keeps evenly spaced frames, from the first to the last. Baseline. */
public record EvenFrames() implements Pruner<FrameTokens> {

  @Override
  public TokenReduction reduce(FrameTokens frames, Budget budget) {
    int n = frames.size();
    return TokenReduction.keep(n, Quota.spread(n, budget.tokens(n)));
  }

  /** None: integer arithmetic only. */
  @Override
  public double operations(FrameTokens frames, Budget budget, TokenReduction decision) {
    return 0;
  }
}
