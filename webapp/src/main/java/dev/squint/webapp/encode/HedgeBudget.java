package dev.squint.webapp.encode;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds the requests that are sent twice to a tenth of all, and ten at once. Otherwise replicas
 * that become slow under load would get twice the load. Thread-safe.
 */
final class HedgeBudget {

  private static final int REQUESTS = 10;
  private static final int MOST = 10 * REQUESTS;

  private final AtomicInteger saved = new AtomicInteger(MOST);

  /** Notes a request. */
  void asked() {
    saved.updateAndGet(before -> Math.min(MOST, before + 1));
  }

  /** Whether a request may be sent twice now, which is counted. */
  boolean take() {
    return saved.getAndUpdate(before -> before >= REQUESTS ? before - REQUESTS : before)
        >= REQUESTS;
  }
}
