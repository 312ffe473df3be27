package dev.squint.llm.decoder;

import java.util.List;
import java.util.stream.IntStream;

/** A sequence whose tokens run through all stages, unless exits skip some. Not thread-safe. */
final class DenseSession extends CachedSession {

  private final StepExecutor steps;
  private final SequenceRow row;
  private final StageCaches caches;

  /**
   * Decodes after a prompt.
   *
   * @param prefilled takes ownership
   */
  DenseSession(StepExecutor steps, SequenceRow row, Prefilled prefilled) {
    super(prefilled);
    this.steps = steps;
    this.row = row;
    this.caches = prefilled.caches();
  }

  @Override
  float[] step(long token) {
    return steps.step(List.of(row), new long[] {token}, caches).get(0);
  }

  /** Position of the next token in each stage. */
  List<Integer> nextPositions() {
    return IntStream.range(0, caches.all().size())
        .map(stage -> Math.toIntExact(row.nextPosition(stage)))
        .boxed()
        .toList();
  }
}
