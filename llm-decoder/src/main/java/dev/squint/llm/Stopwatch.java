package dev.squint.llm;

/** Time in milliseconds: since the start, and from one lap to the next. */
final class Stopwatch {

  private static final double NANOS_PER_MILLI = 1e6;

  private final long start = System.nanoTime();
  private long lap = start;

  /** Milliseconds since the lap before, or since the start. */
  double lap() {
    long now = System.nanoTime();
    double millis = (now - lap) / NANOS_PER_MILLI;
    lap = now;
    return millis;
  }

  /** Milliseconds since the start. */
  double total() {
    return (System.nanoTime() - start) / NANOS_PER_MILLI;
  }
}
