package dev.squint.pruner.method.cache;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.CachedTokens;
import java.util.stream.IntStream;

/**
 * Keeps the first rows, which attention falls back on, and the newest ones; decides anew with every
 * token. StreamingLLM (arXiv 2309.17453). Of a picture only what is among the newest rows stays.
 *
 * @param sinks first rows that stay; 4 in the paper
 * @param inCache whether rows are at the positions of their places in the cache, as in the paper,
 *     or stay at those of their tokens
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
   * Rows that stay, ascending, so that with some more there are no more than {@code count}.
   *
   * @param rows rows in the cache
   * @param coming rows that will be added
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
