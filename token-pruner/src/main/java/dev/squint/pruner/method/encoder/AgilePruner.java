package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.EncoderHidden;
import dev.squint.pruner.maths.EffectiveRank;
import java.util.Set;

/**
 * Keeps the most attended tokens of each tile without those that are like one that was kept before,
 * fewer of these where the picture is complex. AgilePruner (arXiv 2603.01236).
 *
 * <p>In the order of CLS attention each token is kept and removes the later ones whose cosine
 * distance to it is below tau = 0.01 x its place in that order, from 1, x the effective rank of the
 * tile / {@code average}, at most {@code limit}. A simple picture has a small effective rank, so
 * attention decides; a complex one has a large rank, so the kept tokens are diverse.
 *
 * <p>The rule is that of the authors' project page. Neither the average nor the limit is published;
 * the defaults are our own, the average from pictures of the default model. Where removals leave
 * too few tokens, the most attended of the removed ones follow.
 *
 * @param average effective rank of the hidden states of an average picture
 * @param limit largest tau, a cosine distance
 */
public record AgilePruner(double average, double limit) implements Pruner<PatchTokens> {
  private static final ClsAttention ATTENTION = new ClsAttention(-1);
  private static final EncoderHidden HIDDEN = new EncoderHidden(-1);
  private static final double STEP = 0.01;
  private static final int KEPT = -1;

  public AgilePruner {
    if (!(average > 0 && average < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("average must be above 0 but was " + average);
    }
    if (!(limit >= 0 && limit <= 2)) {
      throw new IllegalArgumentException("limit must be in [0, 2] but was " + limit);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(ATTENTION, HIDDEN);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    return PerTile.keep(tokens, budget, this::kept);
  }

  private int[] kept(PatchTokens tile, int share) {
    int[] order = Ranking.descending(tile.evidence(ATTENTION).meanOverHeads());
    Matrix unit = tile.evidence(HIDDEN).unitRows();
    double complexity = EffectiveRank.of(tile.evidence(HIDDEN)) / average;
    boolean[] removed = new boolean[order.length];
    int[] kept = new int[share];
    int count = 0;
    for (int place = 0; place < order.length && count < share; place++) {
      int token = order[place];
      if (!removed[token]) {
        kept[count++] = token;
        double tau = Math.min(limit, STEP * (place + 1) * complexity);
        removeNear(unit, order, place, tau, removed);
        order[place] = KEPT;
      }
    }
    for (int place = 0; place < order.length && count < share; place++) {
      if (order[place] != KEPT) {
        kept[count++] = order[place];
      }
    }
    return kept;
  }

  private static void removeNear(
      Matrix unit, int[] order, int place, double tau, boolean[] removed) {
    for (int later = place + 1; later < order.length; later++) {
      int other = order[later];
      removed[other] |= 1 - dot(unit, order[place], other) < tau;
    }
  }

  private static double dot(Matrix rows, int a, int b) {
    double sum = 0;
    for (int c = 0; c < rows.cols(); c++) {
      sum += (double) rows.get(a, c) * rows.get(b, c);
    }
    return sum;
  }

  /** Attention, effective rank, unit rows and at most the distances of all pairs. */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    int heads = tokens.evidence(ATTENTION).perHead().rows();
    int size = tokens.evidence(HIDDEN).cols();
    return PerTile.operations(
        tokens,
        decision,
        (n, kept) ->
            Operations.columnMeans(heads, n)
                + EffectiveRank.operations(n, size)
                + Operations.unitRows(n, size)
                + kept * (n - (kept + 1) / 2.0) * (2 * size + 1)
                + 3 * kept);
  }
}
