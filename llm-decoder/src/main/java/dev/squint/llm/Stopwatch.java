package dev.squint.llm;

/** Milliseconds since it was made. */
final class Stopwatch {

  private static final double NANOS_PER_MILLI = 1e6;

  private final long start = System.nanoTime();

  /** Milliseconds since the start. */
  double total() {
    return (System.nanoTime() - start) / NANOS_PER_MILLI;
  }
}
