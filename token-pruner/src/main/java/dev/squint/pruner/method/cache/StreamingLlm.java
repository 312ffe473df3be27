package dev.squint.pruner.method.cache;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.CachedTokens;
import java.util.stream.IntStream;

/**
 * Keeps the first rows (attention sinks) and the newest ones. Decides again after every token.
 * StreamingLLM (arXiv 2309.17453). Rows of a picture are kept only while they are among the newest.
 *
 * @param sinks number of first rows that are kept; 4 in the paper
 * @param inCache whether the position of a row is its index in the cache, as in the paper, or the
 *     position of its token
 */
public record StreamingLlm(int sinks, boolean inCache) implements CachePolicy {
  public StreamingLlm {
    if (sinks < 0) {
      throw new IllegalArgumentException("sinks must be at least 0 but was " + sinks);
    }
  }

  @Override
  public int every() {
    return 1;
  }

  @Override
  public boolean positionsInCache() {
    return inCache;
  }

  @Override
  public CacheDecision decide(CachedTokens cache, Budget budget) {
    int count = cache.rowsOf(budget);
    return CacheDecision.keep(cache, kept(cache.rows(), count, 0));
  }

  @Override
  public double operations(CachedTokens cache, CacheDecision decision) {
    return 0;
  }

  /**
   * Kept rows, ascending, so that with {@code coming} more there are at most {@code count}.
   *
   * @param rows rows in the cache
   * @param coming number of rows that will be added
   */
  int[] kept(int rows, int count, int coming) {
    if (rows + coming <= count) {
      return IntStream.range(0, rows).toArray();
    }
    int first = Math.min(sinks, count);
    return IntStream.concat(
            IntStream.range(0, first), IntStream.range(rows - (count - first) + coming, rows))
        .toArray();
  }
}
