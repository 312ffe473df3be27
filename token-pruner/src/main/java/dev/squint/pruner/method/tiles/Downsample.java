package dev.squint.pruner.method.tiles;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CropTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;

/**
 * Shrinks pictures before they are cut into tiles, so that about the budget's share of their visual
 * tokens remains. Baseline: what any method must beat that first looks at all pixels.
 *
 * <p>It acts before there are crops ({@link dev.squint.pruner.plan.PruningPlan#pictureShare}); of
 * the crops of the smaller picture it keeps all.
 */
public record Downsample() implements Pruner<CropTokens> {

  @Override
  public TokenReduction reduce(CropTokens crops, Budget budget) {
    return TokenReduction.keepAll(crops.size());
  }

  /** Resizing is a part of preprocessing. */
  @Override
  public double operations(CropTokens crops, Budget budget, TokenReduction decision) {
    return 0;
  }

  @Override
  public double pictureShare(Budget budget) {
    return budget instanceof Budget.Ratio ratio ? ratio.keep() : 1;
  }
}
