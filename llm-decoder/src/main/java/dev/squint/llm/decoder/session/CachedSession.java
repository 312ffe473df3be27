package dev.squint.llm.decoder.session;

import dev.squint.llm.decoder.stage.StageCaches;
import java.util.List;

/** What sessions have in common: caches and the report of the prompt. Not thread-safe. */
public abstract class CachedSession implements DecodingSession {

  private final StageCaches caches;
  private final PrefillReport report;

  /**
   * Decodes after a prompt.
   *
   * @param prefilled takes ownership
   */
  CachedSession(Prefilled prefilled) {
    this.caches = prefilled.caches();
    this.report = prefilled.report();
  }

  final StageCaches caches() {
    return caches;
  }

  @Override
  public List<Integer> cachedTokens() {
    return caches.tokens(0);
  }

  @Override
  public long cacheBytes() {
    return caches.bytes();
  }

  @Override
  public PrefillReport report() {
    return report;
  }

  @Override
  public void close() {
    caches.close();
  }
}
