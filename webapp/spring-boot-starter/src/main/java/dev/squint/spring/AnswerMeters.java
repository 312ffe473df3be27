package dev.squint.spring;

import dev.squint.llm.Answer;
import dev.squint.llm.Timings;
import dev.squint.llm.VisionLanguageModel;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Metrics of answers, under {@code squint} in a registry. */
public final class AnswerMeters {

  private static final double NANOS_PER_MILLI = 1e6;

  private final MeterRegistry registry;
  private final Counter promptTokens;
  private final Counter reusedTokens;
  private final Counter visualTokens;
  private final Counter keptTokens;
  private final Counter completionTokens;
  private final BatchMeters batches;
  private final Timer firstToken;
  private final Timer total;

  /** Registers the metrics. */
  public AnswerMeters(MeterRegistry registry) {
    this.registry = registry;
    promptTokens = registry.counter("squint.tokens.prompt");
    reusedTokens = registry.counter("squint.tokens.prompt.reused");
    visualTokens = registry.counter("squint.tokens.visual");
    keptTokens = registry.counter("squint.tokens.visual.kept");
    completionTokens = registry.counter("squint.tokens.completion");
    batches = new BatchMeters(registry);
    firstToken = timer("squint.first.token", "time to first token");
    total = timer("squint.answer", "from the start of the work to the last token");
  }

  private Timer timer(String name, String description) {
    return Timer.builder(name).description(description).register(registry);
  }

  /** Measures all later answers of a model, and the batches in which they are decoded. */
  public void watch(VisionLanguageModel model) {
    model.listen(this::answered);
    model.listenToBatches(batches);
  }

  /** Counts an answer. */
  public void answered(Answer answer) {
    Timings timings = answer.timings();
    phase("preprocess", timings.preprocessMillis());
    phase("encode", timings.encodeMillis());
    if (answer.visualTokens() > 0) {
      boolean hit = timings.cachedEncodeMillis() > 0;
      registry.counter("squint.encoder.cache", "result", hit ? "hit" : "miss").increment();
    }
    phase("prune", timings.pruneMillis());
    phase("prefill", timings.prefillMillis());
    phase("decode", timings.decodeMillis());
    promptTokens.increment(answer.promptTokens());
    reusedTokens.increment(answer.reusedTokens());
    visualTokens.increment(answer.visualTokens());
    keptTokens.increment(answer.keptVisualTokens());
    completionTokens.increment(answer.completionTokens());
    if (timings.firstTokenMillis() > 0) {
      firstToken.record(duration(timings.firstTokenMillis()));
    }
    total.record(duration(timings.totalMillis()));
  }

  private void phase(String phase, double millis) {
    registry.timer("squint.phase", "phase", phase).record(duration(millis));
  }

  private static Duration duration(double millis) {
    return Duration.ofNanos((long) (millis * NANOS_PER_MILLI));
  }
}
