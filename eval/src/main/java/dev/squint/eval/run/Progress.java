package dev.squint.eval.run;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Progress of a run with the remaining time: one line that is overwritten on a terminal, otherwise
 * an occasional line. Thread-safe.
 */
public final class Progress {

  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long TERMINAL_NANOS = NANOS_PER_SECOND / 5;
  private static final long LOG_NANOS = 15 * NANOS_PER_SECOND;
  private static final int BAR = 24;

  private final PrintWriter out;
  private final boolean terminal;
  private final long total;
  private final LongSupplier nanos;
  private final long start;
  private long before;
  private long done;
  private long lastShown;
  private int lastLength;

  /**
   * Creates a progress bar.
   *
   * @param terminal whether the line can be overwritten
   * @param total number of steps
   * @param nanos clock
   */
  public Progress(PrintWriter out, boolean terminal, long total, LongSupplier nanos) {
    this.out = out;
    this.terminal = terminal;
    this.total = total;
    this.nanos = nanos;
    this.start = nanos.getAsLong();
    this.lastShown = start;
  }

  /** Counts a step of an earlier start, which is ignored in the speed of this one. */
  public synchronized void skip() {
    before++;
  }

  /** Counts a step. */
  public synchronized void step() {
    done++;
    long now = nanos.getAsLong();
    if (now - lastShown >= (terminal ? TERMINAL_NANOS : LOG_NANOS)) {
      lastShown = now;
      show(line(now));
    }
  }

  /** Writes the last line. */
  public synchronized void end() {
    show(line(nanos.getAsLong()));
    if (terminal) {
      out.println();
    }
    out.flush();
  }

  private void show(String line) {
    if (terminal) {
      out.print("\r" + line + " ".repeat(Math.max(0, lastLength - line.length())));
      lastLength = line.length();
    } else {
      out.println(line);
    }
    out.flush();
  }

  private String line(long now) {
    long all = before + done;
    double share = total == 0 ? 1 : (double) all / total;
    double seconds = (double) (now - start) / NANOS_PER_SECOND;
    double rate = seconds > 0 ? done / seconds : 0;
    int filled = (int) (share * BAR);
    String left = rate > 0 && all < total ? ", " + duration((total - all) / rate) + " left" : "";
    return String.format(
        Locale.ROOT,
        "[%s%s] %d of %d answers, %.1f %%, %.1f per second%s",
        "#".repeat(filled),
        ".".repeat(BAR - filled),
        all,
        total,
        100 * share,
        rate,
        left);
  }

  static String duration(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 60) {
      return whole + " s";
    }
    if (whole < 3600) {
      return "%d min %02d s".formatted(whole / 60, whole % 60);
    }
    return "%d h %02d min".formatted(whole / 3600, whole % 3600 / 60);
  }
}
