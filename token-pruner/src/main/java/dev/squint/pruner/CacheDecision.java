package dev.squint.pruner;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What becomes of one layer's KV cache.
 *
 * @param rows for each key head what becomes of its rows; keys and values go together
 * @param keyChannels for each key head the channels that its keys keep, ascending
 * @param denseRows newest rows that keep all channels
 * @param storage in which form the rows are stored
 */
public record CacheDecision(
    List<TokenReduction> rows, List<int[]> keyChannels, int denseRows, CacheStorage storage) {
  public CacheDecision {
    rows = List.copyOf(rows);
    keyChannels = List.copyOf(keyChannels);
    if (rows.stream().mapToInt(TokenReduction::after).distinct().count() != 1) {
      throw new IllegalArgumentException("key heads must keep as many rows each but keep " + rows);
    }
  }

  /** Rows go or merge; all else stays. */
  public static CacheDecision rows(CachedTokens cache, List<TokenReduction> rows) {
    return new CacheDecision(rows, allChannels(cache), cache.rows(), CacheStorage.FLOAT32);
  }

  /** The same rows stay in every head. */
  public static CacheDecision keep(CachedTokens cache, int[] rows) {
    return rows(cache, Collections.nCopies(cache.heads(), TokenReduction.keep(cache.rows(), rows)));
  }

  /** Everything stays. */
  public static CacheDecision keepAll(CachedTokens cache) {
    return keep(cache, IntStream.range(0, cache.rows()).toArray());
  }

  /** Keys lose channels, but for the newest rows; all else stays. */
  public static CacheDecision keyChannels(
      CachedTokens cache, List<int[]> keyChannels, int denseRows) {
    return new CacheDecision(keepAll(cache).rows, keyChannels, denseRows, CacheStorage.FLOAT32);
  }

  /** Everything stays, stored in some form. */
  public static CacheDecision stored(CachedTokens cache, CacheStorage storage) {
    return new CacheDecision(keepAll(cache).rows, allChannels(cache), cache.rows(), storage);
  }

  private static List<int[]> allChannels(CachedTokens cache) {
    int[] all = IntStream.range(0, cache.keys().get(0).cols()).toArray();
    return Collections.nCopies(cache.heads(), all);
  }
}
