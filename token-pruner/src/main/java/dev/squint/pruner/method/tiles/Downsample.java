package dev.squint.pruner.method.tiles;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CropTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;

/**
 * Shrinks pictures before they are cut into tiles, so that about the budget's share of their visual
 * tokens remains. Baseline for all methods that process every pixel first.
 *
 * <p>It acts before the picture is cut ({@link dev.squint.pruner.plan.PruningPlan#pictureShare}),
 * and keeps all crops of the smaller picture.
 */
public record Downsample() implements Pruner<CropTokens> {

  @Override
  public TokenReduction reduce(CropTokens crops, Budget budget) {
    return TokenReduction.keepAll(crops.size());
  }

  /** None: resizing is part of preprocessing. */
  @Override
  public double operations(CropTokens crops, Budget budget, TokenReduction decision) {
    return 0;
  }

  @Override
  public double pictureShare(Budget budget) {
    return budget instanceof Budget.Ratio ratio ? ratio.keep() : 1;
  }
}
