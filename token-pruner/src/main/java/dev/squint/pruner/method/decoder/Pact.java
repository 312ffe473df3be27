package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.LayerKeys;
import dev.squint.pruner.evidence.UnrotatedVisualLogits;
import dev.squint.pruner.maths.Softmax;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Finds unimportant visual tokens without attention scores, clusters the others by their keys, and
 * keeps the mean of each cluster, with the unimportant tokens that are near to it. PACT (arXiv
 * 2504.08966), without its attention in proportion to the merged tokens.
 *
 * <p>Importance is the attention of the mean visual query without RoPE, mean over heads, times the
 * norm of the hidden state. A token is the centre of a cluster unless it is within the cutoff of
 * one that has a higher density. Every other token joins the nearest centre within the cutoff times
 * the reach, or is dropped. The authors reduce before layer 4, by the queries and keys of that
 * layer; here they are those of the layer before.
 *
 * <p>With a budget, the densest centres stay, and where there are fewer, the densest and the most
 * important of the other tokens too.
 *
 * @param important share of the tokens that are clustered
 * @param cutoff cosine distance of keys
 * @param reach factor of the cutoff within which a token joins a centre
 */
public record Pact(double important, double cutoff, double reach) implements Pruner<LayerTokens> {
  private static final UnrotatedVisualLogits LOGITS = new UnrotatedVisualLogits();
  private static final LayerKeys KEYS = new LayerKeys();
  // Of the Gaussian in the density.
  private static final double WIDTH = 2;

  public Pact {
    if (!(important > 0 && important <= 1)) {
      throw new IllegalArgumentException("important must be in (0, 1] but was " + important);
    }
    if (!(cutoff >= 0 && reach >= 0)) {
      throw new IllegalArgumentException(
          "cutoff and reach must be at least 0 but were %s and %s".formatted(cutoff, reach));
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(LOGITS, KEYS);
  }

  @Override
  public TokenReduction reduce(LayerTokens tokens, Budget budget) {
    int n = tokens.size();
    if (n == 0) {
      return TokenReduction.keepAll(n);
    }
    int[] ranked =
        Ranking.descending(importance(tokens.evidence(LOGITS).perHead(), tokens.features()));
    Matrix unit = tokens.evidence(KEYS).rows().unitRows();
    int[] clustered = IntStream.of(ranked).limit(importantOf(n)).sorted().toArray();
    Centres centres = Centres.of(unit.rows(clustered), cutoff);
    int[] order =
        IntStream.concat(
                IntStream.of(centres.order()).map(i -> clustered[i]),
                IntStream.of(ranked).skip(clustered.length))
            .toArray();
    int count = budget.tokens(n, centres.count());
    int[] kept = IntStream.of(order).limit(count).sorted().toArray();
    return TokenReduction.merge(kept, groups(unit, kept), tokens.patches());
  }

  private int importantOf(int n) {
    return Math.max(1, (int) (n * important));
  }

  /** The attention of the mean query times the norm of the hidden state, [N]. */
  static float[] importance(Matrix logits, Matrix hidden) {
    double[] attention = new double[logits.cols()];
    for (int head = 0; head < logits.rows(); head++) {
      int row = head;
      double[] own = Softmax.of(logits.cols(), 1, token -> logits.get(row, token));
      for (int i = 0; i < attention.length; i++) {
        attention[i] += own[i] / logits.rows();
      }
    }
    float[] importance = new float[attention.length];
    for (int i = 0; i < importance.length; i++) {
      double square = 0;
      for (float value : hidden.row(i)) {
        square += (double) value * value;
      }
      importance[i] = (float) (attention[i] * Math.sqrt(square));
    }
    return importance;
  }

  /** For each token the kept one that it joins, or -1. */
  private int[] groups(Matrix unit, int[] kept) {
    int[] group = new int[unit.rows()];
    if (kept.length == 0) {
      Arrays.fill(group, -1);
      return group;
    }
    Matrix likeness = unit.timesTransposed(unit.rows(kept));
    for (int i = 0; i < group.length; i++) {
      int nearest = Ranking.best(likeness.row(i), 1)[0];
      group[i] = distance(likeness.get(i, nearest)) <= cutoff * reach ? nearest : -1;
    }
    for (int k = 0; k < kept.length; k++) {
      group[kept[k]] = k;
    }
    return group;
  }

  private static double distance(float cosine) {
    return Math.max(0, 1 - cosine);
  }

  /**
   * Centres of clusters.
   *
   * @param order the centres, densest first, then the other tokens, densest first, [M]
   * @param count number of centres
   */
  record Centres(int[] order, int count) {

    static Centres of(Matrix unit, double cutoff) {
      Matrix likeness = unit.timesOwnTransposed();
      int m = unit.rows();
      float[] density = new float[m];
      for (int i = 0; i < m; i++) {
        double sum = 0;
        for (int j = 0; j < m; j++) {
          double distance = i == j ? 0 : distance(likeness.get(i, j));
          sum += Math.exp(-distance * distance / (WIDTH * WIDTH));
        }
        density[i] = (float) sum;
      }
      IntStream.Builder centres = IntStream.builder();
      IntStream.Builder others = IntStream.builder();
      boolean[] centre = new boolean[m];
      for (int i : Ranking.descending(density)) {
        centre[i] =
            IntStream.range(0, m)
                .noneMatch(j -> centre[j] && distance(likeness.get(i, j)) <= cutoff);
        (centre[i] ? centres : others).add(i);
      }
      int[] first = centres.build().toArray();
      return new Centres(
          IntStream.concat(Arrays.stream(first), others.build()).toArray(), first.length);
    }
  }

  /** Softmax, mean over heads, norms; unit keys, pairs and densities; cosines with the kept. */
  @Override
  public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
    double n = tokens.size();
    double heads = tokens.evidence(LOGITS).perHead().rows();
    double keys = tokens.evidence(KEYS).rows().cols();
    double clustered = importantOf(tokens.size());
    double kept = decision.after();
    return Operations.softmax(heads, n)
        + Operations.columnMeans(heads, n)
        + n * (2.0 * tokens.features().cols() + 2)
        + Operations.unitRows(n, keys)
        + Operations.pairs(clustered, keys)
        + 3 * clustered * (clustered - 1)
        + Operations.dots(n - kept, kept, keys);
  }
}
