package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;

/**
 * Keeps every token that is left, and at the position in the prompt that it had before any was
 * dropped; without it the language model counts those that are left. Our own: methods between
 * decoder layers do the same ({@link dev.squint.pruner.Continuation#KEEP_POSITIONS}).
 *
 * <p>A model reads from the distance between two tokens where on the picture they are, and from how
 * many tokens a frame has which frame they are of; counting anew takes that away. The prompt is
 * written for it with all tokens ({@link dev.squint.pruner.plan.PruningPlan#keepsPlaces}).
 */
public record InPlace() implements Pruner<PatchTokens> {

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    return TokenReduction.keepAll(tokens.size());
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    return 0;
  }

  @Override
  public boolean keepsPlaces() {
    return true;
  }
}
