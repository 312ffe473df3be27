package dev.squint.pruner.method.cache;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.evidence.RecentQueries;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Keeps the channels of the keys that have the most weight for the last queries. ThinK (arXiv
 * 2407.21018), once after prefill. The budget counts channels, not rows. Queries skip the same
 * channels for these rows. Values are unchanged.
 *
 * @param queries number of last queries that decide; 32 in the paper
 * @param recent number of newest rows that keep all channels; 32 in the paper
 */
public record ThinK(int queries, int recent) implements CachePolicy {
  public ThinK {
    if (queries < 1 || recent < 0) {
      throw new IllegalArgumentException(
          "queries must be at least 1 and recent at least 0 but were %d and %d"
              .formatted(queries, recent));
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(new RecentQueries(queries));
  }

  @Override
  public boolean stores() {
    return true;
  }

  @Override
  public CacheDecision decide(CachedTokens cache, Budget budget) {
    int count = budget.tokens(cache.keys().get(0).cols());
    List<int[]> channels = new ArrayList<>();
    for (int h = 0; h < cache.heads(); h++) {
      channels.add(Ranking.top(scores(cache, h), count));
    }
    return CacheDecision.keyChannels(cache, channels, Math.min(recent, cache.rows()));
  }

  /** Mean squares of the channels of keys and queries, and their products. */
  @Override
  public double operations(CachedTokens cache, CacheDecision decision) {
    List<Matrix> asking = cache.evidence(new RecentQueries(queries)).perHead();
    double channels = cache.keys().get(0).cols();
    double squares = cache.heads() * (2.0 * cache.rows() + 1) * channels;
    return squares + asking.size() * (2.0 * asking.get(0).rows() + 4) * channels;
  }

  /** Mean square of each channel in the queries times that in the keys, [headDim]. */
  float[] scores(CachedTokens cache, int head) {
    List<Matrix> all = cache.evidence(new RecentQueries(queries)).perHead();
    int group = all.size() / cache.heads();
    float[] ofKeys = meanSquares(cache.keys().get(head));
    float[] scores = new float[ofKeys.length];
    for (int q = head * group; q < (head + 1) * group; q++) {
      float[] ofQueries = meanSquares(all.get(q));
      for (int c = 0; c < scores.length; c++) {
        scores[c] += ofQueries[c] * ofKeys[c] / group;
      }
    }
    return scores;
  }

  private static float[] meanSquares(Matrix rows) {
    float[] means = new float[rows.cols()];
    for (int c = 0; c < means.length; c++) {
      double sum = 0;
      for (int r = 0; r < rows.rows(); r++) {
        sum += (double) rows.get(r, c) * rows.get(r, c);
      }
      means[c] = (float) (sum / rows.rows());
    }
    return means;
  }
}
