package dev.squint.llm.decoder.session;

import dev.squint.llm.decoder.stage.StageCaches;
import java.util.List;

/** What sessions have in common: caches, logits and the report of the prompt. Not thread-safe. */
public abstract class CachedSession implements DecodingSession {

  private final StageCaches caches;
  private final PrefillReport report;
  private float[] logits;

  /**
   * Decodes after a prompt.
   *
   * @param prefilled takes ownership
   */
  CachedSession(Prefilled prefilled) {
    this.caches = prefilled.caches();
    this.report = prefilled.report();
    this.logits = prefilled.logits();
  }

  /** Runs one more token and returns the logits after it, [V]. */
  abstract float[] step(long token);

  @Override
  public void append(long token) {
    logits = step(token);
  }

  @Override
  public float[] logits() {
    return logits;
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
