package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.maths.BipartiteMerge;

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
    return PerTile.reduce(
        tokens,
        budget.tokens(tokens.size()),
        (tile, indices, share) -> {
          BipartiteMerge merge = new BipartiteMerge(tile.features(), tile.patches(), false, false);
          merge.mergeTo(share);
          return merge.reduction();
        });
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    int size = tokens.features().cols();
    return PerTile.operations(
        tokens, decision, (n, kept) -> BipartiteMerge.operations(n, kept, size, false));
  }
}
