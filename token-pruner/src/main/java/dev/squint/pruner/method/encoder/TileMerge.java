package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.maths.BipartiteMerge;

/**
 * Bipartite merging of each tile's tokens down to its share of the budget.
 *
 * @param cls whether the encoder has a CLS token before the patches
 * @param weighted whether means are weighted by patches
 */
record TileMerge(boolean cls, boolean weighted) {

  TokenReduction reduce(PatchTokens tokens, Budget budget) {
    return PerTile.reduce(
        tokens,
        budget.tokens(tokens.size()),
        (tile, indices, share) -> {
          BipartiteMerge merge = new BipartiteMerge(tile.features(), tile.patches(), cls, weighted);
          merge.mergeTo(share);
          return merge.reduction();
        });
  }

  double operations(PatchTokens tokens, TokenReduction decision) {
    int size = tokens.features().cols();
    return PerTile.operations(
        tokens, decision, (n, kept) -> BipartiteMerge.operations(n, kept, size, cls));
  }
}
