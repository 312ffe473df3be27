package dev.squint.pruner.method.cache;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.CachedTokens;
import java.util.stream.IntStream;

/**
 * Keeps all rows as low-bit codes: keys by channel, values by row. ZipCache's quantizers (arXiv
 * 2405.14256), with the same bits for all rows. New rows stay floats until there are {@code every}
 * of them.
 *
 * @param bits bits of a code, 1 to 8
 * @param every number of new rows that are collected before they are quantized
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
