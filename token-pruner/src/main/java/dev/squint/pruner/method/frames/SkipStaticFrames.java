package dev.squint.pruner.method.frames;

import dev.squint.pruner.Budget;
import dev.squint.pruner.FrameTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;

/**
 * Drops frames that show the same as the last kept frame, so that a static part of a video costs
 * one frame. Our own.
 *
 * @param tolerance largest mean difference of grey values, in [0, 1), of frames that count as the
 *     same
 */
public record SkipStaticFrames(double tolerance) implements Pruner<FrameTokens> {

  public SkipStaticFrames {
    if (!(tolerance >= 0 && tolerance < 1)) {
      throw new IllegalArgumentException("tolerance must be in [0, 1) but was " + tolerance);
    }
  }

  @Override
  public TokenReduction reduce(FrameTokens frames, Budget budget) {
    int n = frames.size();
    float[] changes = new float[n];
    int last = 0;
    int changed = n == 0 ? 0 : 1;
    for (int f = 0; f < n; f++) {
      changes[f] = f == 0 ? 1 : frames.difference(last, f);
      if (f > 0 && changes[f] > tolerance) {
        last = f;
        changed++;
        // Frames that the method keeps without a budget rank first.
        changes[f] += 1;
      }
    }
    if (n > 0) {
      changes[0] = 3;
    }
    return TokenReduction.keep(n, Ranking.top(changes, budget.tokens(n, changed)));
  }

  @Override
  public double operations(FrameTokens frames, Budget budget, TokenReduction decision) {
    return Math.max(0, frames.size() - 1) * frames.differenceOperations();
  }
}
