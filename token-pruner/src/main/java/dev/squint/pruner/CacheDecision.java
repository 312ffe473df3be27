package dev.squint.pruner;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The decision about one layer's KV cache: which rows and key channels are kept, and how they are
 * stored.
 *
 * @param rows for each key head the reduction of its rows; it applies to keys and values
 * @param keyChannels for each key head the channels that its keys keep, ascending
 * @param denseRows number of newest rows that keep all channels
 * @param storage storage format of the rows
 */
public record CacheDecision(
    List<TokenReduction> rows, List<int[]> keyChannels, int denseRows, CacheStorage storage) {
  public CacheDecision {
    rows = List.copyOf(rows);
    keyChannels = List.copyOf(keyChannels);
    if (rows.stream().mapToInt(TokenReduction::after).distinct().count() != 1) {
      throw new IllegalArgumentException(
          "every key head must keep the same number of rows but they keep " + rows);
    }
  }

  /** Rows are dropped or merged; channels and storage are unchanged. */
  public static CacheDecision rows(CachedTokens cache, List<TokenReduction> rows) {
    return new CacheDecision(rows, allChannels(cache), cache.rows(), CacheStorage.FLOAT32);
  }

  /** Every head keeps the same rows. */
  public static CacheDecision keep(CachedTokens cache, int[] rows) {
    return rows(cache, Collections.nCopies(cache.heads(), TokenReduction.keep(cache.rows(), rows)));
  }

  /** The cache is unchanged. */
  public static CacheDecision keepAll(CachedTokens cache) {
    return keep(cache, IntStream.range(0, cache.rows()).toArray());
  }

  /** Keys lose channels, except in the newest rows; rows and storage are unchanged. */
  public static CacheDecision keyChannels(
      CachedTokens cache, List<int[]> keyChannels, int denseRows) {
    return new CacheDecision(keepAll(cache).rows, keyChannels, denseRows, CacheStorage.FLOAT32);
  }

  /** All rows are kept, in another storage format. */
  public static CacheDecision stored(CachedTokens cache, CacheStorage storage) {
    return new CacheDecision(keepAll(cache).rows, allChannels(cache), cache.rows(), storage);
  }

  private static List<int[]> allChannels(CachedTokens cache) {
    int[] all = IntStream.range(0, cache.keys().get(0).cols()).toArray();
    return Collections.nCopies(cache.heads(), all);
  }
}
