package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;

/**
 * Merges the most similar pairs of tokens of each tile or frame before the language model, in
 * rounds of bipartite matching; each round takes unweighted means and ignores patch counts. AIM's
 * merging stage (arXiv 2412.03248).
 *
 * <p>A budget of a quarter corresponds to the authors' schedule of two rounds.
 */
public record AimMerge() implements Pruner<PatchTokens> {

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    return merge().reduce(tokens, budget);
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    return merge().operations(tokens, decision);
  }

  private static TileMerge merge() {
    return new TileMerge(false, false);
  }
}
