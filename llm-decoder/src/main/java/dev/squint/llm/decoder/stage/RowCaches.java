package dev.squint.llm.decoder.stage;

import dev.squint.llm.decoder.cache.RowCache;
import java.util.List;

/** The caches of all stages for the rows of a batch. Not thread-safe. */
public final class RowCaches implements AutoCloseable {

  private final List<RowCache> caches;

  private RowCaches(List<RowCache> caches) {
    this.caches = caches;
  }

  /** Caches without rows. */
  public static RowCaches empty(List<DecoderStage> stages) {
    return new RowCaches(stages.stream().map(DecoderStage::rowCache).toList());
  }

  /** The cache of a stage. */
  public RowCache get(int stage) {
    return caches.get(stage);
  }

  /**
   * Appends a sequence as the last row.
   *
   * @param one its caches; they stay the caller's
   */
  public void add(StageCaches one) {
    for (int i = 0; i < caches.size(); i++) {
      caches.get(i).add(one.get(i));
    }
  }

  /** Keeps some rows, {@link RowCache#keep}. */
  public void keep(int[] kept) {
    caches.forEach(cache -> cache.keep(kept));
  }

  /** Whether leaving copies at most one row in every stage. */
  public boolean movesRows() {
    return caches.stream().allMatch(RowCache::movesRows);
  }

  /** Bytes of memory with one more row. */
  public long bytesWith(StageCaches one) {
    long bytes = 0;
    for (int i = 0; i < caches.size(); i++) {
      bytes += caches.get(i).bytesWith(one.get(i).length(0));
    }
    return bytes;
  }

  @Override
  public void close() {
    caches.forEach(RowCache::close);
  }
}
