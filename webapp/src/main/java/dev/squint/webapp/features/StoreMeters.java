package dev.squint.webapp.features;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Metrics of a store of features, under {@code squint.features} in a registry. */
public final class StoreMeters {

  private final Counter hits;
  private final Counter misses;
  private final Counter damaged;
  private final Counter errors;
  private final Timer wait;

  /** Registers the metrics. */
  public StoreMeters(MeterRegistry registry) {
    hits = registry.counter("squint.features.tiles", "result", "hit");
    misses = registry.counter("squint.features.tiles", "result", "miss");
    damaged = registry.counter("squint.features.tiles", "result", "damaged");
    errors = registry.counter("squint.features.errors");
    wait = registry.timer("squint.features.wait");
  }

  void looked(int found, int missing, int broken) {
    hits.increment(found);
    misses.increment(missing);
    damaged.increment(broken);
  }

  void failed() {
    errors.increment();
  }

  void waited(long nanos) {
    wait.record(Duration.ofNanos(nanos));
  }
}
