package dev.squint.pruner.method.patches;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.method.encoder.CdPruner;
import dev.squint.pruner.method.encoder.TextGuided;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Encodes those groups of patches of each crop that are relevant to the question and far from each
 * other: the greedy mode of a determinantal point process with the kernel relevance x closeness x
 * relevance. CDPruner (arXiv 2506.10967) before the encoder.
 *
 * <p>The paper's kernel has the cosine of two tokens' features. Before a crop is encoded its groups
 * have no features, so the closeness of their places stands for it: the cosine of vectors of sines
 * and cosines of row and column. The relevance of a group is that of the global view at its place,
 * as in {@link TextPatches}. The crops share the budget in proportion to the sum of their
 * relevance; the paper gives each tile the same.
 *
 * @param guide source of the relevance
 * @param reach distance in groups at which two places count as unlike
 */
public record CdPrunerPatches(TextGuided.Guide guide, double reach) implements Pruner<PatchGroups> {
  private static final double TEMPERATURE = 0.1;
  private static final int WAVES = 3;

  public CdPrunerPatches {
    if (!(reach > 0)) {
      throw new IllegalArgumentException("reach must be above 0 but was " + reach);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(views());
  }

  @Override
  public TokenReduction reduce(PatchGroups groups, Budget budget) {
    PatchTokens views = groups.evidence(views());
    ViewOverlay overlay = new ViewOverlay(groups, views);
    float[] relevance = overlay.over(ViewScores.relevance(guided(), views, temperature()));
    return overlay.keep(
        budget,
        relevance,
        tile ->
            IntStream.of(groups.ofTile(tile))
                .mapToDouble(group -> Math.max(0, relevance[group]))
                .sum(),
        (tile, share) -> {
          int[] of = groups.ofTile(tile);
          float[] own = new float[of.length];
          for (int i = 0; i < own.length; i++) {
            // Padding is the least relevant of all.
            own[i] = Math.max(0, relevance[of[i]]);
          }
          int[] picks = CdPruner.greedy(places(groups, of), own, share);
          return IntStream.of(picks).map(i -> of[i]).toArray();
        });
  }

  /**
   * Products of waves over rows and columns, [n, (2 WAVES)^2]; their cosine falls with distance.
   */
  private Matrix places(PatchGroups groups, int[] of) {
    float[][] places = new float[of.length][4 * WAVES * WAVES];
    for (int i = 0; i < of.length; i++) {
      TokenPosition at = groups.positions().get(of[i]);
      float[] row = waves(at.row());
      float[] col = waves(at.col());
      for (int r = 0; r < row.length; r++) {
        for (int c = 0; c < col.length; c++) {
          places[i][r * col.length + c] = row[r] * col[c];
        }
      }
    }
    return Matrix.of(places);
  }

  private float[] waves(int place) {
    float[] waves = new float[2 * WAVES];
    for (int w = 0; w < WAVES; w++) {
      double angle = Math.PI / 2 * (w + 0.5) / WAVES * 2 * place / reach;
      waves[2 * w] = (float) Math.cos(angle);
      waves[2 * w + 1] = (float) Math.sin(angle);
    }
    return waves;
  }

  @Override
  public double operations(PatchGroups groups, Budget budget, TokenReduction decision) {
    PatchTokens views = groups.evidence(views());
    double operations =
        ViewScores.operations(guided(), views)
            + Operations.softmax(1, views.size())
            + ViewOverlay.INTERPOLATION * new ViewOverlay(groups, views).overlaid();
    int[] kept = decision.kept();
    for (int t = 0; t < groups.tiles().size(); t++) {
      Tile tile = groups.tiles().get(t);
      int number = t;
      if (!tile.isGlobal()) {
        double n = groups.ofTile(t).length;
        double picks =
            IntStream.of(kept).filter(i -> groups.positions().get(i).tile() == number).count();
        double size = 4.0 * WAVES * WAVES;
        operations +=
            n * size
                + picks * (Operations.dots(1, n, size) + 2 * n)
                + Operations.dots(n, picks, Math.max(0, (picks - 1) / 2))
                + 3 * n * picks;
      }
    }
    return operations;
  }

  private double temperature() {
    return guide == TextGuided.Guide.HEAD ? 1 : TEMPERATURE;
  }

  private TextGuided guided() {
    return new TextGuided(guide, TEMPERATURE);
  }

  private GlobalViews views() {
    return new GlobalViews(guided().needs());
  }
}
