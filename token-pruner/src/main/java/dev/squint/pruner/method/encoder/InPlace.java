package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;

/**
 * Keeps every remaining token at its prompt position from before any reduction. Without it the
 * language model numbers the remaining tokens without gaps. Our own; methods between decoder layers
 * do the same with {@link dev.squint.pruner.Continuation#KEEP_POSITIONS}.
 *
 * <p>A model infers the location of tokens in the picture, and their frame, from the distances of
 * their positions. Renumbering changes these distances. The prompt is built with all tokens ({@link
 * dev.squint.pruner.plan.PruningPlan#keepsPlaces}).
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
