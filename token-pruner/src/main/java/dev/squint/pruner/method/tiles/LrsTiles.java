package dev.squint.pruner.method.tiles;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CropTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.GlanceAttention;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.method.decoder.Lrs;
import java.util.Set;

/**
 * Encodes the crops of the regions that the language model attends to in the global view. Its first
 * layers run on the global views and the question before any crop is encoded. LRS-VQA's step from a
 * coarse view to finer tiles (arXiv 2503.07588), our reading: the authors score with a trained copy
 * of early layers and continue to further levels of a pyramid; here the decoder's own layers select
 * among the crops of the package.
 *
 * <p>The attention of the last prompt token is normalised over the global view in each head.
 * Without a budget the method keeps every crop that overlaps one of the most attended tokens; with
 * a budget, the crops with the largest sums. In the authors' code each row's newline also selects
 * the row's last tile; this is not done here. Every picture keeps crops in proportion to its number
 * of crops.
 *
 * @param layers number of decoder layers to run, at least 1; the attention of the last one is used
 * @param share of the global view's tokens that select crops; 0.25 in the authors' code
 */
public record LrsTiles(int layers, double share) implements Pruner<CropTokens> {

  public LrsTiles {
    if (layers < 1 || !(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "layers must be at least 1 and share in (0, 1] but were %d and %s"
              .formatted(layers, share));
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(globalViews());
  }

  @Override
  public TokenReduction reduce(CropTokens crops, Budget budget) {
    PatchTokens views = crops.evidence(globalViews());
    int n = crops.size();
    TokenReduction shown = GlobalViewMass.showing(crops, views, this::highest);
    int count = budget.tokens(n, shown.after());
    return count == shown.after() && budget instanceof Budget.Adaptive
        ? shown
        : GlobalViewMass.keep(crops, views, Budget.count(count), this::shares);
  }

  @Override
  public double operations(CropTokens crops, Budget budget, TokenReduction decision) {
    PatchTokens views = crops.evidence(globalViews());
    int heads = views.evidence(attention()).perHead().rows();
    return 2.0 * heads * views.size()
        + Operations.columnMeans(heads, views.size())
        + GlobalViewMass.operations(crops, views);
  }

  private float[] shares(PatchTokens view) {
    return Lrs.shares(view.evidence(attention()).perHead()).columnMeans();
  }

  /** 1 for the tokens that select crops, 0 for the others. */
  private float[] highest(PatchTokens view) {
    float[] marks = new float[view.size()];
    for (int i : Ranking.best(shares(view), Math.max(1, (int) (view.size() * share)))) {
      marks[i] = 1;
    }
    return marks;
  }

  private GlanceAttention attention() {
    return new GlanceAttention(layers);
  }

  private GlobalViews globalViews() {
    return new GlobalViews(Set.of(attention()));
  }
}
