package dev.squint.pruner.method.baseline;

import dev.squint.pruner.Budget;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;
import dev.squint.pruner.TokenSet;
import java.util.SplittableRandom;

/**
 * Keeps a random choice, the same for the same seed. A smaller budget keeps a subset of a larger
 * one. Baseline.
 *
 * @param seed seed of the random scores
 */
public record RandomChoice(long seed) implements TokenScorer<TokenSet> {

  @Override
  public float[] score(TokenSet tokens) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] scores = new float[tokens.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (float) random.nextDouble();
    }
    return scores;
  }

  /** One scaling to [0, 1) per token. */
  @Override
  public double operations(TokenSet tokens, Budget budget, TokenReduction decision) {
    return tokens.size();
  }
}
