package dev.squint.webapp.features;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Leaves a service alone for a while after it failed; then one call tries it again. Thread-safe.
 */
public final class Breaker {

  private static final long CLOSED = Long.MIN_VALUE;

  private final long pauseNanos;
  private final LongSupplier clock;
  private final AtomicLong pausedUntil = new AtomicLong(CLOSED);

  /**
   * Starts without a pause.
   *
   * @param pause how long the service is not asked after a failure
   * @param clock nanoseconds, as {@link System#nanoTime}
   */
  public Breaker(Duration pause, LongSupplier clock) {
    this.pauseNanos = pause.toNanos();
    this.clock = clock;
  }

  /** Whether the caller may call the service now. After a pause this is true for one caller. */
  public boolean allows() {
    long until = pausedUntil.get();
    if (until == CLOSED) {
      return true;
    }
    long now = clock.getAsLong();
    return now - until >= 0 && pausedUntil.compareAndSet(until, now + pauseNanos);
  }

  /** Whether the service may be asked now; for callers that may choose another one. */
  public boolean isOpenToCalls() {
    long until = pausedUntil.get();
    return until == CLOSED || clock.getAsLong() - until >= 0;
  }

  /** Whether the service is not asked, or asked by one caller as a trial. */
  public boolean isPaused() {
    return pausedUntil.get() != CLOSED;
  }

  /** The service answered. */
  public void succeeded() {
    pausedUntil.set(CLOSED);
  }

  /** The service failed or was too slow. */
  public void failed() {
    pausedUntil.set(clock.getAsLong() + pauseNanos);
  }
}
