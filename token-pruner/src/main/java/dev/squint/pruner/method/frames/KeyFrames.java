package dev.squint.pruner.method.frames;

import dev.squint.pruner.Budget;
import dev.squint.pruner.FrameTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;

/**
 * Keeps the first frame, and those that differ most from the previous frame, for example after a
 * cut. Our own.
 */
public record KeyFrames() implements TokenScorer<FrameTokens> {

  @Override
  public float[] score(FrameTokens frames) {
    float[] scores = new float[frames.size()];
    for (int f = 0; f < scores.length; f++) {
      scores[f] = f == 0 ? Float.MAX_VALUE : frames.difference(f - 1, f);
    }
    return scores;
  }

  @Override
  public double operations(FrameTokens frames, Budget budget, TokenReduction decision) {
    return Math.max(0, frames.size() - 1) * frames.differenceOperations();
  }
}
