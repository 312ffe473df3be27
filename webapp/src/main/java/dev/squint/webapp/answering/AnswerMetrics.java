package dev.squint.webapp.answering;

import dev.squint.llm.Answer;
import dev.squint.webapp.http.ApiException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Metrics of the server beside those of the starter, under {@code squint} in the registry. */
@Component
final class AnswerMetrics {

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double MILLIS_PER_SECOND = 1e3;

  private final MeterRegistry registry;
  private final Counter rejected;
  private final Counter cancelled;
  private final Timer read;
  private final AnswerRate rate = new AnswerRate();

  AnswerMetrics(MeterRegistry registry) {
    this.registry = registry;
    rejected = registry.counter("squint.questions.rejected");
    cancelled = registry.counter("squint.answers.cancelled");
    read = registry.timer("squint.phase", "phase", "read");
  }

  AnswerRate rate() {
    return rate;
  }

  void watch(AnswerScheduler scheduler) {
    Gauge.builder("squint.questions.waiting", scheduler, AnswerScheduler::waiting)
        .register(registry);
    Gauge.builder("squint.answers.running", scheduler, AnswerScheduler::running).register(registry);
  }

  void refused(ApiException error) {
    if (error.getStatusCode().isSameCodeAs(HttpStatus.TOO_MANY_REQUESTS)) {
      rejected.increment();
    }
  }

  void answered(Answer answer, double readMillis, boolean wasCancelled) {
    read.record(Duration.ofNanos((long) (readMillis * NANOS_PER_MILLI)));
    rate.answered((readMillis + answer.timings().totalMillis()) / MILLIS_PER_SECOND);
    if (wasCancelled) {
      cancelled.increment();
    }
  }
}
