package dev.squint.pruner.method.cache;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.CachedTokens;
import java.util.stream.IntStream;

/**
 * Keeps all rows in codes of few bits: keys by channel, values by row, with ZipCache's quantisers
 * (arXiv 2405.14256) for all rows alike. The newest rows stay as they are until there are enough.
 *
 * @param bits of a code, 1 to 8
 * @param every after how many new rows they are coded
 */
public record Quantised(int bits, int every) implements CachePolicy {
  public Quantised {
    if (bits < 1 || bits > 8 || every < 1) {
      throw new IllegalArgumentException(
          "bits must be in [1, 8] and every at least 1 but were %d and %d".formatted(bits, every));
    }
  }

  @Override
  public boolean stores() {
    return true;
  }

  @Override
  public CacheDecision decide(CachedTokens cache, Budget budget) {
    int[] all = IntStream.range(0, cache.rows()).toArray();
    return CacheDecision.stored(cache, new MixedPrecision(all, bits, bits));
  }

  @Override
  public double operations(CachedTokens cache, CacheDecision decision) {
    return MixedPrecision.operations(cache);
  }
}
