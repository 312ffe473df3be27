package dev.squint.webapp.answering;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** Metrics of the server beside those of the starter, under {@code squint} in the registry. */
@Component
final class AnswerMetrics {

  private static final double NANOS_PER_MILLI = 1e6;

  private final MeterRegistry registry;
  private final Counter rejected;
  private final Counter cancelled;
  private final Timer read;

  AnswerMetrics(MeterRegistry registry) {
    this.registry = registry;
    rejected = registry.counter("squint.questions.rejected");
    cancelled = registry.counter("squint.answers.cancelled");
    read = registry.timer("squint.phase", "phase", "read");
  }

  void watch(ThreadPoolExecutor workers) {
    Gauge.builder("squint.questions.waiting", workers, pool -> pool.getQueue().size())
        .register(registry);
    Gauge.builder("squint.answers.running", workers, ThreadPoolExecutor::getActiveCount)
        .register(registry);
  }

  void rejected() {
    rejected.increment();
  }

  void answered(double readMillis, boolean unwanted) {
    read.record(Duration.ofNanos((long) (readMillis * NANOS_PER_MILLI)));
    if (unwanted) {
      cancelled.increment();
    }
  }

  /** Mean duration of an answer since the start, in seconds; 1 before the first. */
  double meanSeconds() {
    Timer total = registry.find("squint.answer").timer();
    return total == null || total.count() == 0 ? 1 : total.mean(TimeUnit.SECONDS);
  }
}
