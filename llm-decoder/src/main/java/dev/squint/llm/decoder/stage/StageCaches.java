package dev.squint.llm.decoder.stage;

import dev.squint.llm.decoder.cache.PrefixBlock;
import dev.squint.llm.decoder.cache.StageCache;
import java.util.ArrayList;
import java.util.List;

/** The caches of all stages, for the sequences that decode together. Not thread-safe. */
public final class StageCaches implements AutoCloseable {

  private final List<DecoderStage> stages;
  private final List<StageCache> caches;

  private StageCaches(List<DecoderStage> stages, List<StageCache> caches) {
    this.stages = stages;
    this.caches = caches;
  }

  /** Caches of one sequence without tokens. */
  public static StageCaches empty(List<DecoderStage> stages) {
    return empty(stages, 1);
  }

  /** Caches of several sequences without tokens. */
  public static StageCaches empty(List<DecoderStage> stages, int sequences) {
    return new StageCaches(
        stages,
        new ArrayList<>(stages.stream().map(stage -> stage.emptyCache(sequences)).toList()));
  }

  /** Caches of one sequence that starts with these blocks. */
  public static StageCaches of(List<DecoderStage> stages, List<PrefixBlock> blocks) {
    List<StageCache> caches = new ArrayList<>();
    for (DecoderStage stage : stages) {
      caches.add(blocks.isEmpty() ? stage.emptyCache(1) : stage.cacheOf(blocks));
    }
    return new StageCaches(stages, caches);
  }

  /** The cache of a stage. */
  public StageCache get(int stage) {
    return caches.get(stage);
  }

  /** The caches in the order of the stages. */
  public List<StageCache> all() {
    return caches;
  }

  /** Drops all tokens, for a sequence that restarts. */
  public void restart() {
    for (int i = 0; i < stages.size(); i++) {
      caches.set(i, stages.get(i).emptyCache(1)).close();
    }
  }

  /** Drops the last tokens of the only sequence. */
  public void shorten(int tokens) {
    caches.forEach(cache -> cache.shorten(tokens));
  }

  /** Number of tokens that each stage holds for a sequence. */
  public List<Integer> tokens(int row) {
    return caches.stream().map(cache -> cache.length(row)).toList();
  }

  /** Bytes of keys and values that are held now. */
  public long bytes() {
    return caches.stream().mapToLong(StageCache::bytes).sum();
  }

  @Override
  public void close() {
    caches.forEach(StageCache::close);
  }
}
