package dev.squint.pruner.method.cache;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.evidence.LastLayerTokens;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keeps in the deeper layers only the rows of the last layer's input tokens, so that these caches
 * have equal length. MustDrop's decoding stage (arXiv 2411.10803), once after prefill. Without
 * pruning between layers it keeps everything.
 *
 * @param from the first layer that drops rows: the one after which the first tokens were dropped; 2
 *     in the authors' code
 */
public record MustDropCache(int from) implements CachePolicy {
  private static final LastLayerTokens LAST = new LastLayerTokens();

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(LAST);
  }

  @Override
  public int[] cuts(int layers) {
    return from > 0 && from < layers ? new int[] {from} : new int[0];
  }

  @Override
  public CacheDecision decide(CachedTokens cache, Budget budget) {
    if (cache.layer() < from) {
      return CacheDecision.keepAll(cache);
    }
    int[] tokens = cache.tokens(0);
    int[] last = cache.evidence(LAST);
    return CacheDecision.keep(
        cache,
        IntStream.range(0, tokens.length)
            .filter(row -> Arrays.binarySearch(last, tokens[row]) >= 0)
            .toArray());
  }

  @Override
  public double operations(CachedTokens cache, CacheDecision decision) {
    return 0;
  }
}
