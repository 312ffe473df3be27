package dev.squint.pruner.method.patches;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.GlobalViews;
import java.util.Set;

/**
 * Encodes of each crop the groups of patches at the places that the CLS token of the global view
 * attends to in its last layer, in proportion to its early attention to the crop's region. HiRED
 * (arXiv 2408.10945) before the encoder.
 *
 * <p>The paper divides the budget among the crops by attention of the first layer, as here, and
 * chooses in a crop by the crop's own attention of the last layer. Before the crop is encoded, that
 * of the global view at the same place stands for it. The global view is encoded whole and stays
 * whole.
 */
public record HiRedPatches() implements Pruner<PatchGroups> {
  private static final ClsAttention EARLY = new ClsAttention(0);
  private static final ClsAttention LATE = new ClsAttention(-1);
  private static final GlobalViews VIEWS = new GlobalViews(Set.of(EARLY, LATE));

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(VIEWS);
  }

  @Override
  public TokenReduction reduce(PatchGroups groups, Budget budget) {
    PatchTokens views = groups.evidence(VIEWS);
    float[] early = views.evidence(EARLY).perHead().columnSums();
    ViewOverlay overlay = new ViewOverlay(groups, views);
    return overlay.keep(
        budget,
        overlay.over(views.evidence(LATE).perHead().columnSums()),
        tile -> regionSum(groups.tiles().get(tile), overlay.view(tile), overlay.map(tile, early)));
  }

  /** The sum over the tokens of the global view whose centres are in the crop's region. */
  private static double regionSum(Tile tile, Tile view, float[] map) {
    Tile.Crop crop = tile.crop();
    double sum = 0;
    for (int i = 0; i < map.length; i++) {
      int row = i / view.cols();
      int col = i % view.cols();
      boolean inside =
          crop != null
              && (2 * row + 1) * crop.gridRows() / (2 * view.rows()) == crop.row()
              && (2 * col + 1) * crop.gridCols() / (2 * view.cols()) == crop.col();
      sum += inside ? map[i] : 0;
    }
    return sum;
  }

  /** Sums over heads and regions, and the interpolation. */
  @Override
  public double operations(PatchGroups groups, Budget budget, TokenReduction decision) {
    PatchTokens views = groups.evidence(VIEWS);
    double heads = views.evidence(LATE).perHead().rows();
    return (2 * heads + 1) * views.size()
        + ViewOverlay.INTERPOLATION * new ViewOverlay(groups, views).overlaid();
  }
}
