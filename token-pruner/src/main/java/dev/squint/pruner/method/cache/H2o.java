package dev.squint.pruner.method.cache;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.AccumulatedAttention;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keeps in every head the newest rows and the other rows that have received the most attention.
 * Decides again after every token. H2O (arXiv 2306.14048).
 *
 * @param recent part of the budget that goes to the newest rows; 0.5 in the paper
 */
public record H2o(double recent) implements CachePolicy {
  private static final AccumulatedAttention ATTENTION = new AccumulatedAttention();

  public H2o {
    if (!(recent >= 0 && recent <= 1)) {
      throw new IllegalArgumentException("recent must be in [0, 1] but was " + recent);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(ATTENTION);
  }

  @Override
  public int every() {
    return 1;
  }

  @Override
  public CacheDecision decide(CachedTokens cache, Budget budget) {
    int count = cache.rowsOf(budget);
    if (cache.rows() <= count) {
      return CacheDecision.keepAll(cache);
    }
    int newest = (int) Math.rint(count * recent);
    Matrix attention = cache.evidence(ATTENTION).perHead();
    List<TokenReduction> rows = new ArrayList<>();
    for (int h = 0; h < cache.heads(); h++) {
      rows.add(TokenReduction.keep(cache.rows(), kept(attention.row(h), count - newest, newest)));
    }
    return CacheDecision.rows(cache, rows);
  }

  /** Attention is only compared, which is free. */
  @Override
  public double operations(CachedTokens cache, CacheDecision decision) {
    return 0;
  }

  /**
   * The {@code highest} best scores before the last {@code newest} ones, and these last ones,
   * ascending.
   */
  static int[] kept(float[] scores, int highest, int newest) {
    int earlier = scores.length - newest;
    return IntStream.concat(
            IntStream.of(Ranking.top(Arrays.copyOf(scores, earlier), highest)),
            IntStream.range(earlier, scores.length))
        .toArray();
  }
}
