package dev.squint.webapp.encode;

import java.time.Duration;
import java.util.Arrays;

/** The times of recent requests. Thread-safe. */
final class RecentTimes {

  private static final int MOST = 128;
  private static final int FEWEST = 20;
  private static final double SHARE = 0.95;

  private final long[] nanos = new long[MOST];
  private long count;

  synchronized void add(long time) {
    nanos[(int) (count++ % MOST)] = time;
  }

  /**
   * The time that 95 % of the recent requests did not exceed; {@code unknown} after few requests.
   */
  synchronized Duration most(Duration unknown) {
    int known = (int) Math.min(count, MOST);
    if (known < FEWEST) {
      return unknown;
    }
    long[] sorted = Arrays.copyOf(nanos, known);
    Arrays.sort(sorted);
    return Duration.ofNanos(sorted[(int) Math.ceil(SHARE * known) - 1]);
  }
}
