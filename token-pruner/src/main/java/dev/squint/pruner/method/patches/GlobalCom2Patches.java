package dev.squint.pruner.method.patches;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.method.encoder.GlobalCom2;
import java.util.Set;

/**
 * Encodes of each crop the groups of patches at the places that the CLS token of the global view
 * attends to, in proportion to the crop's region. GlobalCom2 (arXiv 2501.05179) before the encoder.
 *
 * <p>The paper scores a crop's token by its own CLS attention and that of the global view at the
 * same place. Before the crop is encoded there is only the latter. Budgets of the crops are the
 * paper's: the softmax over the crops of the log attention to their regions, less its mean, raises
 * or lowers the common share. The global view is encoded whole and stays whole.
 *
 * @param temperature of the softmax over the crops
 */
public record GlobalCom2Patches(double temperature) implements Pruner<PatchGroups> {
  private static final ClsAttention ATTENTION = new ClsAttention(-1);
  private static final GlobalViews VIEWS = new GlobalViews(Set.of(ATTENTION));
  private static final float FLOOR = 1e-12f;

  public GlobalCom2Patches {
    if (!(temperature > 0)) {
      throw new IllegalArgumentException("temperature must be above 0 but was " + temperature);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(VIEWS);
  }

  @Override
  public TokenReduction reduce(PatchGroups groups, Budget budget) {
    PatchTokens views = groups.evidence(VIEWS);
    Matrix perHead = views.evidence(ATTENTION).perHead();
    float[] logarithms = perHead.data().clone();
    for (int i = 0; i < logarithms.length; i++) {
      logarithms[i] = (float) Math.log(Math.max(logarithms[i], FLOOR));
    }
    float[] means = new Matrix(perHead.rows(), perHead.cols(), logarithms).columnMeans();
    ViewOverlay overlay = new ViewOverlay(groups, views);
    return overlay.keep(
        budget,
        overlay.over(perHead.columnMeans()),
        tile -> weight(groups.tiles().get(tile), overlay.view(tile), overlay.map(tile, means)));
  }

  /** 1 and the crop's lead over the mean, for each of its tokens that show the picture. */
  private double weight(Tile tile, Tile view, float[] map) {
    Tile.Crop crop = tile.crop();
    Tile.Area shown = tile.shown();
    double tokens = (double) (shown.bottom() - shown.top()) * (shown.right() - shown.left());
    return crop == null
        ? tokens
        : tokens
            * (1
                + GlobalCom2.leads(map, view, crop.gridRows(), crop.gridCols(), temperature)[
                    crop.row() * crop.gridCols() + crop.col()]);
  }

  /** Means, logarithms and their means, sums of regions and softmax, and the interpolation. */
  @Override
  public double operations(PatchGroups groups, Budget budget, TokenReduction decision) {
    PatchTokens views = groups.evidence(VIEWS);
    double heads = views.evidence(ATTENTION).perHead().rows();
    double crops = groups.tiles().stream().filter(tile -> !tile.isGlobal()).count();
    return 2 * Operations.columnMeans(heads, views.size())
        + heads * views.size()
        + views.size()
        + Operations.softmax(1, crops)
        + 5 * crops
        + ViewOverlay.INTERPOLATION * new ViewOverlay(groups, views).overlaid();
  }
}
