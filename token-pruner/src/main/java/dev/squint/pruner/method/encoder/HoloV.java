package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Attention;
import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Divides the budget of each tile among strips of consecutive tokens, and keeps the tokens of each
 * strip with the most CLS attention. HoloV (arXiv 2510.02912).
 *
 * <p>A strip's share follows the mean score of its tokens: their attention, plus {@code alpha}
 * times the variance of their cosines with the others of the strip, which is scaled to the
 * attention's mean. Of a mean only the scale is left, so the variance changes shares by rounding
 * alone; the paper's code is like this. It fills up with zeros where a strip is given more than it
 * has; here the others get the rest.
 *
 * @param strips number of strips of a tile
 * @param alpha weight of the variance
 */
public record HoloV(int strips, double alpha) implements Pruner<PatchTokens> {
  private static final ClsAttention ATTENTION = new ClsAttention(-1);
  private static final double SCALE = 1e3;
  private static final double FLOOR = 1e-6;

  public HoloV {
    if (strips < 1) {
      throw new IllegalArgumentException("strips must be at least 1 but was " + strips);
    }
    if (!(alpha >= 0)) {
      throw new IllegalArgumentException("alpha must be at least 0 but was " + alpha);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(ATTENTION);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    return PerTile.reduce(
        tokens, budget.tokens(tokens.size()), (tile, indices, share) -> prune(tile, share));
  }

  /** Means over heads; for each strip unit rows, all pairs, mean and variance, and the scores. */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    double heads = tokens.evidence(ATTENTION).perHead().rows();
    double size = tokens.features().cols();
    return PerTile.operations(
        tokens,
        decision,
        (n, kept) -> {
          double all = Operations.columnMeans(heads, n);
          int[] starts = starts(n);
          for (int s = 0; s + 1 < starts.length; s++) {
            double own = starts[s + 1] - starts[s];
            double cosines = Operations.unitRows(own, size) + Operations.pairs(own, size);
            all += 6 * own + (own > 1 ? cosines + 4 * own * own : 0);
          }
          return all;
        });
  }

  private TokenReduction prune(PatchTokens tile, int share) {
    Attention given = tile.evidence(ATTENTION);
    float[] attention = given.meanOverHeads();
    int[] starts = starts(tile.size());
    int[] shares = shares(scores(tile.features(), attention, starts), starts, share);
    IntStream.Builder kept = IntStream.builder();
    for (int s = 0; s < shares.length; s++) {
      int start = starts[s];
      float[] own = Arrays.copyOfRange(attention, start, starts[s + 1]);
      IntStream.of(Ranking.top(own, shares[s])).forEach(i -> kept.add(start + i));
    }
    return TokenReduction.keep(tile.size(), kept.build().toArray());
  }

  /** First token of each strip, and the number of tokens; the first strips have one more. */
  private int[] starts(int n) {
    int count = Math.min(strips, n);
    int[] starts = new int[count + 1];
    for (int s = 0; s < count; s++) {
      starts[s + 1] = starts[s] + n / count + (s < n % count ? 1 : 0);
    }
    return starts;
  }

  /** Mean score of each strip. */
  double[] scores(Matrix features, float[] attention, int[] starts) {
    double[] scores = new double[starts.length - 1];
    for (int s = 0; s < scores.length; s++) {
      int[] own = IntStream.range(starts[s], starts[s + 1]).toArray();
      double mean = IntStream.of(own).mapToDouble(i -> attention[i]).average().orElseThrow();
      double variance = own.length == 1 ? 0 : meanVariance(features.rows(own));
      // The mean of the variances, scaled to the mean of the attention.
      scores[s] = SCALE * mean * (1 + alpha * variance / (variance + FLOOR));
    }
    return scores;
  }

  /** Mean over the rows of the variance of a row's cosines with the others. */
  private static double meanVariance(Matrix rows) {
    Matrix cosines = rows.unitRows().timesOwnTransposed();
    int n = rows.rows();
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double mean = 0;
      for (int j = 0; j < n; j++) {
        mean += i == j ? 0 : cosines.get(i, j) / (n - 1.0);
      }
      for (int j = 0; j < n; j++) {
        double off = (i == j ? 0 : cosines.get(i, j)) - mean;
        sum += off * off / (n - 1.0);
      }
    }
    return sum / n;
  }

  /** Whole numbers in proportion to the scores; what rounding leaves goes to the best strips. */
  static int[] shares(double[] scores, int[] starts, int total) {
    int[] sizes = new int[scores.length];
    Arrays.setAll(sizes, s -> starts[s + 1] - starts[s]);
    double sum = Arrays.stream(scores).sum() + FLOOR;
    int[] shares = new int[scores.length];
    float[] order = new float[scores.length];
    for (int s = 0; s < shares.length; s++) {
      shares[s] = (int) Math.floor(scores[s] / sum * total);
      order[s] = (float) scores[s];
    }
    int left = total - IntStream.of(shares).sum();
    for (int s : Ranking.best(order, Math.min(left, shares.length))) {
      shares[s]++;
    }
    for (int s = 0; s < shares.length; s++) {
      shares[s] = Math.min(shares[s], sizes[s]);
    }
    int[] room = new int[shares.length];
    Arrays.setAll(room, s -> sizes[s] - shares[s]);
    int[] more = Apportionment.share(total - IntStream.of(shares).sum(), scores, room);
    return IntStream.range(0, shares.length).map(s -> shares[s] + more[s]).toArray();
  }
}
