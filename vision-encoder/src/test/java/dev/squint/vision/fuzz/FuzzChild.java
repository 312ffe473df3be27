package dev.squint.vision.fuzz;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The process in which files are tried, so that a crash ends no more than this. */
final class FuzzChild {

  static final int SLOW_SECONDS = 3;
  static final int MAX_GROWTH_MEGABYTES = 200;
  static final int WARM_UP = 2000;

  private static final long SLOW_NANOS = SLOW_SECONDS * 1_000_000_000L;
  private static final int MEMORY_EVERY = 500;
  private static final int PAGE_BYTES = 4096;
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private FuzzChild() {}

  /**
   * First seed, number of seeds, progress file, folder for what is found, folders of the corpus.
   */
  public static void main(String[] arguments) throws IOException {
    long first = Long.parseLong(arguments[0]);
    long end = first + Long.parseLong(arguments[1]);
    Path found = Path.of(arguments[3]);
    Corpus corpus = DecoderFuzz.corpus(List.of(arguments).subList(4, arguments.length));
    FuzzProgress progress =
        new FuzzProgress(Path.of(arguments[2]), List.copyOf(corpus.byKind().keySet()));
    PrintStream out = System.out;
    // The sound files first: loading libraries takes seconds, which no file is to blame for.
    for (byte[] file : corpus.files()) {
      Trial.run(file, 0);
    }
    long before = SYSTEM.getProcessCpuTime();
    for (long seed = first; seed < end; seed++) {
      progress.begin(seed);
      Trial.Outcome outcome = Trial.Outcome.REFUSED;
      try {
        outcome = Trial.run(corpus.damaged(seed), seed);
      } catch (RuntimeException | Error e) {
        StackTraceElement[] trace = e.getStackTrace();
        String what = e + " at " + (trace.length > 0 ? trace[0] : "");
        out.println(DecoderFuzz.FOUND + save(corpus, seed, found, what));
      }
      long now = SYSTEM.getProcessCpuTime();
      if (now - before > SLOW_NANOS) {
        out.println(DecoderFuzz.FOUND + save(corpus, seed, found, "slow"));
      }
      progress.end(corpus.kind(seed), outcome, now - before);
      progress.processorNanos(now);
      before = now;
      if ((seed - first) % MEMORY_EVERY == 0) {
        progress.memory(residentBytes(), seed - first == WARM_UP);
      }
    }
    progress.begin(end);
  }

  /** Writes a file that was found; returns a line about it. */
  static String save(Corpus corpus, long seed, Path found, String what) throws IOException {
    String name = seed + "-" + corpus.name(seed);
    Files.write(found.resolve(name), corpus.damaged(seed));
    return "seed %d, %s, %s: %s".formatted(seed, corpus.name(seed), corpus.kind(seed), what);
  }

  private static long residentBytes() throws IOException {
    Path status = Path.of("/proc/self/statm");
    return Files.exists(status)
        ? Long.parseLong(Files.readString(status).split(" ", -1)[1]) * PAGE_BYTES
        : Runtime.getRuntime().totalMemory();
  }
}
