package dev.squint.vision.fuzz;

import dev.squint.vision.fuzz.Tally.Counts;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a child process has done so far, in memory that outlives it: a mapped file of longs. */
final class FuzzProgress {

  private static final int SEED = 0;
  private static final int PROCESSOR_NANOS = 1;
  private static final int WARM_BYTES = 2;
  private static final int BYTES = 3;
  private static final int HEADER = 4;
  private static final int PER_KIND = 5;

  private final List<String> kinds;
  private final LongBuffer longs;

  /** Opens the file, which is made if it is missing; kinds are the same in parent and child. */
  FuzzProgress(Path file, List<String> kinds) throws IOException {
    this.kinds = kinds;
    long bytes = Long.BYTES * (HEADER + (long) PER_KIND * kinds.size());
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      this.longs = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes).asLongBuffer();
    }
  }

  void begin(long seed) {
    longs.put(SEED, seed);
  }

  /** The seed that is tried, or the next one. */
  long seed() {
    return longs.get(SEED);
  }

  void end(String kind, Trial.Outcome outcome, long processorNanos) {
    int at = HEADER + PER_KIND * kinds.indexOf(kind);
    longs.put(at, longs.get(at) + 1);
    int of =
        switch (outcome) {
          case READ -> at + 1;
          case REFUSED -> at + 2;
          case STOPPED -> at + 3;
        };
    longs.put(of, longs.get(of) + 1);
    longs.put(at + 4, Math.max(longs.get(at + 4), processorNanos / 1_000_000));
  }

  void memory(long bytes, boolean warm) {
    if (warm) {
      longs.put(WARM_BYTES, bytes);
    }
    longs.put(BYTES, bytes);
  }

  void processorNanos(long nanos) {
    longs.put(PROCESSOR_NANOS, nanos);
  }

  long processorNanos() {
    return longs.get(PROCESSOR_NANOS);
  }

  /** Megabytes that the child grew by since it was warm. */
  long growth() {
    return longs.get(WARM_BYTES) == 0
        ? 0
        : Math.max(0, longs.get(BYTES) - longs.get(WARM_BYTES)) >> 20;
  }

  Map<String, Counts> counts() {
    Map<String, Counts> counts = new TreeMap<>();
    for (int i = 0; i < kinds.size(); i++) {
      int at = HEADER + PER_KIND * i;
      counts.put(
          kinds.get(i),
          new Counts(
              longs.get(at),
              longs.get(at + 1),
              longs.get(at + 2),
              longs.get(at + 3),
              longs.get(at + 4)));
    }
    return counts;
  }
}
