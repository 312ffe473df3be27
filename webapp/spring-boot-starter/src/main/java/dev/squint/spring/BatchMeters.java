package dev.squint.spring;

import dev.squint.llm.decoder.batch.BatchListener;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Metrics of questions that are decoded together, under {@code squint.batch} in a registry. */
final class BatchMeters implements BatchListener {

  private static final double NANOS_PER_MILLI = 1e6;

  private final DistributionSummary size;
  private final DistributionSummary queue;
  private final DistributionSummary chunkTokens;
  private final Timer step;
  private final Timer chunk;

  /** Registers the metrics. */
  BatchMeters(MeterRegistry registry) {
    size = summary(registry, "squint.batch.size", "answers that got a token in one step");
    queue = summary(registry, "squint.batch.queue", "answers that waited for a row during a step");
    chunkTokens = summary(registry, "squint.batch.chunk.tokens", "tokens of a chunk of a prompt");
    step =
        Timer.builder("squint.batch.step")
            .description("a token of each answer of a batch")
            .register(registry);
    chunk =
        Timer.builder("squint.batch.chunk")
            .description("a chunk of a prompt, between two steps")
            .register(registry);
  }

  private static DistributionSummary summary(
      MeterRegistry registry, String name, String description) {
    return DistributionSummary.builder(name).description(description).register(registry);
  }

  @Override
  public void stepped(int rows, int waiting, double millis) {
    size.record(rows);
    queue.record(waiting);
    step.record(duration(millis));
  }

  @Override
  public void prefilled(int tokens, double millis) {
    chunkTokens.record(tokens);
    chunk.record(duration(millis));
  }

  private static Duration duration(double millis) {
    return Duration.ofNanos((long) (millis * NANOS_PER_MILLI));
  }
}
