package dev.squint.pruner.method.tiles;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CropTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.GlobalViews;
import java.util.Set;

/**
 * Encodes the crops that the CLS token of the global view attends to most, so that the encoder does
 * not run on the others.
 *
 * <p>A crop's score is the global view's attention, mean over the heads, summed over the crop's
 * area; tokens on its edge count in part. HiRED (arXiv 2408.10945) and GlobalCom2 (arXiv
 * 2501.05179) use these region sums to divide tokens after all crops are encoded. Using them before
 * encoding is our own. Every picture keeps crops in proportion to its number of crops.
 *
 * @param layer encoder layer; negative numbers count back from the projector
 */
public record ThumbnailTiles(int layer) implements Pruner<CropTokens> {

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(globalViews());
  }

  @Override
  public TokenReduction reduce(CropTokens crops, Budget budget) {
    return GlobalViewMass.keep(
        crops,
        GlobalViewMass.views(crops.evidence(globalViews())),
        budget,
        view -> view.evidence(new ClsAttention(layer)).meanOverHeads());
  }

  @Override
  public double operations(CropTokens crops, Budget budget, TokenReduction decision) {
    PatchTokens views = crops.evidence(globalViews());
    int heads = views.evidence(new ClsAttention(layer)).perHead().rows();
    return Operations.columnMeans(heads, views.size())
        + GlobalViewMass.operations(crops, GlobalViewMass.views(views));
  }

  private GlobalViews globalViews() {
    return new GlobalViews(Set.of(new ClsAttention(layer)));
  }
}
