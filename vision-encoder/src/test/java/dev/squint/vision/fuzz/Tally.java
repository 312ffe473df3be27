package dev.squint.vision.fuzz;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The counts and findings of a run. They are kept in a file, from which the next run resumes.
 *
 * @param nextSeed the first seed that was not tried
 * @param seconds for which child processes ran
 * @param processorSeconds which they computed
 * @param children how many there were
 * @param growthMegabytes the most that one grew after it had warmed up
 * @param counts by kind of the sound file
 * @param findings what was found, with seeds
 * @param mended what earlier runs found and a later one did not find any more
 */
record Tally(
    long nextSeed,
    double seconds,
    double processorSeconds,
    int children,
    long growthMegabytes,
    Map<String, Counts> counts,
    List<String> findings,
    List<String> mended) {

  /** Files of older versions have no list of what was mended. */
  Tally {
    mended = mended == null ? List.of() : List.copyOf(mended);
  }

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * Files of one kind.
   *
   * @param slowestMillis of the processor, for one file
   */
  record Counts(long files, long read, long refused, long stopped, long slowestMillis) {

    static final Counts NONE = new Counts(0, 0, 0, 0, 0);

    Counts plus(Counts other) {
      return new Counts(
          files + other.files,
          read + other.read,
          refused + other.refused,
          stopped + other.stopped,
          Math.max(slowestMillis, other.slowestMillis));
    }
  }

  static Tally read(Path file, long firstSeed) throws IOException {
    return Files.exists(file)
        ? JSON.readValue(file.toFile(), Tally.class)
        : new Tally(firstSeed, 0, 0, 0, 0, Map.of(), List.of(), List.of());
  }

  void write(Path file) throws IOException {
    Files.writeString(file, JSON.writeValueAsString(this) + "\n");
  }

  @JsonIgnore
  long files() {
    return counts.values().stream().mapToLong(Counts::files).sum();
  }

  /** Adds the work of one child. */
  Tally plus(Tally child) {
    Map<String, Counts> sums = new TreeMap<>(counts);
    child.counts.forEach((kind, more) -> sums.merge(kind, more, Counts::plus));
    List<String> all = new ArrayList<>(findings);
    all.addAll(child.findings);
    return new Tally(
        child.nextSeed,
        seconds + child.seconds,
        processorSeconds + child.processorSeconds,
        children + child.children,
        Math.max(growthMegabytes, child.growthMegabytes),
        sums,
        all,
        mended);
  }

  /** Moves findings that did not occur again to the fixed ones. */
  Tally without(List<String> gone) {
    List<String> rest = new ArrayList<>(findings);
    rest.removeAll(gone);
    List<String> all = new ArrayList<>(mended);
    all.addAll(gone);
    return new Tally(
        nextSeed, seconds, processorSeconds, children, growthMegabytes, counts, rest, all);
  }

  /** The result as a page. */
  String page(String command) {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Damaged files

        Small sound files were damaged at random (bits, numbers, lengths, chunks twice or left out, cut off, spliced with
        other files) and given to all decoders, in child processes. Found is what crashes, hangs, throws the wrong
        exception, takes more than %d s of the processor, or grows by more than %d MB. Written by

        ```
        %s
        ```

        | | |
        |---|---:|
        | files | %,d |
        | processor time, hours | %.2f |
        | time, hours | %.2f |
        | child processes | %d |
        | largest growth of one after its first %,d files, MB | %d |
        | found | %d |

        | decoder | files | read | refused | stopped | slowest file, ms of the processor |
        |---|---:|---:|---:|---:|---:|
        """
            .formatted(
                FuzzChild.SLOW_SECONDS,
                FuzzChild.MAX_GROWTH_MEGABYTES,
                command,
                files(),
                processorSeconds / 3600,
                seconds / 3600,
                children,
                FuzzChild.WARM_UP,
                growthMegabytes,
                findings.size()));
    counts.forEach(
        (kind, count) ->
            page.append(
                "| %s | %,d | %,d | %,d | %,d | %,d |%n"
                    .formatted(
                        kind,
                        count.files,
                        count.read,
                        count.refused,
                        count.stopped,
                        count.slowestMillis)));
    page.append("\nThe decoder is that of the sound file. ");
    page.append("Stopped is what was not read within the deadline of 30 s.\n");
    list("Found", findings, page);
    list("Found and mended since", mended, page);
    return page.toString();
  }

  private static void list(String title, List<String> lines, StringBuilder page) {
    if (!lines.isEmpty()) {
      page.append("\n%s:\n\n".formatted(title));
      lines.forEach(line -> page.append("* ").append(line).append('\n'));
    }
  }
}
