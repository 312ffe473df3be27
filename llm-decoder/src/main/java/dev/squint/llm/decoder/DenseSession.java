package dev.squint.llm.decoder;

import java.util.List;
import java.util.stream.IntStream;

/** A sequence whose tokens run through all stages, unless exits skip some. Not thread-safe. */
final class DenseSession implements DecodingSession {

  private final StepExecutor steps;
  private final SequenceRow row;
  private final StageCaches caches;
  private final PrefillReport report;
  private float[] logits;

  /**
   * Decodes after a prompt.
   *
   * @param prefilled takes ownership
   */
  DenseSession(StepExecutor steps, SequenceRow row, Prefilled prefilled) {
    this.steps = steps;
    this.row = row;
    this.caches = prefilled.caches();
    this.report = prefilled.report();
    this.logits = prefilled.logits();
  }

  @Override
  public float[] logits() {
    return logits;
  }

  @Override
  public void append(long token) {
    logits = steps.step(List.of(row), new long[] {token}, caches).get(0);
  }

  @Override
  public List<Integer> cachedTokens() {
    return caches.tokens(0);
  }

  /** Position of the next token in each stage. */
  List<Integer> nextPositions() {
    return IntStream.range(0, caches.all().size())
        .map(stage -> Math.toIntExact(row.nextPosition(stage)))
        .boxed()
        .toList();
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
