package dev.squint.llm.decoder.session;

import java.util.List;
import java.util.stream.IntStream;

/** A sequence whose tokens run through all stages, unless exits skip some. Not thread-safe. */
public final class DenseSession extends SteppedSession {

  private final StepExecutor steps;
  private final SequenceRow row;

  /**
   * Decodes after a prompt.
   *
   * @param prefilled takes ownership
   */
  public DenseSession(StepExecutor steps, SequenceRow row, Prefilled prefilled) {
    super(prefilled);
    this.steps = steps;
    this.row = row;
  }

  @Override
  float[] step(long token) {
    return steps.step(List.of(row), new long[] {token}, caches()).get(0);
  }

  /** Position of the next token in each stage. */
  public List<Integer> nextPositions() {
    return IntStream.range(0, caches().all().size())
        .map(stage -> Math.toIntExact(row.nextPosition(stage)))
        .boxed()
        .toList();
  }
}
