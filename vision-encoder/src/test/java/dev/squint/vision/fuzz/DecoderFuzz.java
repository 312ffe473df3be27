package dev.squint.vision.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Damages small files at random and gives them to all decoders, in child processes, until so many
 * were tried. A run that was stopped resumes where it ended. docs/testing.md says how to start it.
 */
final class DecoderFuzz {

  /** Begins a line of a child about what it found. */
  static final String FOUND = "found: ";

  private static final String STATE = "fuzz.json";

  private static final Pattern SEED = Pattern.compile("^seed (\\d+),");

  private static final int MAX_BYTES = 8000;

  /** As many files as one child tries. */
  private static final long BATCH = 25_000;

  /** Of the processor, without the next file. */
  private static final long HANG_SECONDS = 30;

  /** Without the next file, whoever computes. */
  private static final long DEADLOCK_SECONDS = 900;

  private DecoderFuzz() {}

  /** The folders of the corpus, as seen from this module. */
  static final List<String> FOLDERS =
      List.of(
          "src/test/resources/traits",
          "src/test/resources/phone",
          "src/test/resources/pictures",
          "src/test/resources/cases",
          "src/test/resources/clips",
          "src/test/resources/fuzz");

  static Corpus corpus(List<String> folders) {
    return Corpus.of(MAX_BYTES, folders.stream().map(Path::of).toList());
  }

  /**
   * Runs until so many files were tried, those of earlier runs with them, or the time is over.
   *
   * @param firstSeed where a first run begins
   * @param results folder with the counts of earlier runs, where they are written
   * @param found folder for files that were found
   * @return what all runs tried and found
   */
  static Tally run(
      long files, Duration time, long firstSeed, Path results, Path found, String command)
      throws IOException, InterruptedException {
    Files.createDirectories(found);
    Files.createDirectories(results);
    Tally tally = Tally.read(results.resolve(STATE), firstSeed);
    Corpus corpus = corpus(FOLDERS);
    System.out.printf(
        "%d files of %d kinds in the corpus, %d were tried, seeds from %d%n",
        corpus.files().size(), corpus.byKind().size(), tally.files(), tally.nextSeed());
    tally = tally.without(gone(tally.findings(), corpus, found));
    write(tally, results, command);
    long end = System.nanoTime() + time.toNanos();
    while (tally.files() < files && System.nanoTime() < end) {
      long batch = Math.min(BATCH, files - tally.files());
      tally = tally.plus(child(corpus, tally.nextSeed(), batch, tally.children(), found));
      write(tally, results, command);
      System.out.printf(
          "%d files, next seed %d, %.0f s of the processor, found %d%n",
          tally.files(), tally.nextSeed(), tally.processorSeconds(), tally.findings().size());
    }
    return tally;
  }

  private static void write(Tally tally, Path results, String command) throws IOException {
    tally.write(results.resolve(STATE));
    Files.writeString(results.resolve("fuzz.md"), tally.page(command));
  }

  /** The findings of earlier runs whose files are read or refused now. */
  private static List<String> gone(List<String> findings, Corpus corpus, Path found)
      throws IOException, InterruptedException {
    List<String> gone = new ArrayList<>();
    for (String finding : findings) {
      Matcher seed = SEED.matcher(finding);
      if (seed.find()
          && child(corpus, Long.parseLong(seed.group(1)), 1, 0, found).findings().isEmpty()) {
        gone.add(finding);
      }
    }
    return gone;
  }

  /** Without Maven: number of files, first seed, folder for results, folder for what is found. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    run(
        Long.parseLong(arguments[0]),
        Duration.ofDays(30),
        Long.parseLong(arguments[1]),
        Path.of(arguments[2]),
        Path.of(arguments[3]),
        command(Long.parseLong(arguments[0])));
  }

  static String command(long files) {
    return "mvn -Pquick -pl vision-encoder -am test -Dtest=DecoderFuzzTest"
        + " -Dsurefire.failIfNoSpecifiedTests=false \\\n"
        + "  -Dfuzz.files=%d -Dresults.dir=results".formatted(files);
  }

  private static Tally child(Corpus corpus, long seed, long files, int number, Path found)
      throws IOException, InterruptedException {
    Path file = Files.createTempFile("fuzz-", ".progress");
    Path log = Files.createTempFile("fuzz-", ".log");
    FuzzProgress progress = new FuzzProgress(file, List.copyOf(corpus.byKind().keySet()));
    progress.begin(seed);
    long start = System.nanoTime();
    Process process = start(seed, files, number, file, log, found);
    boolean hung = !await(process, progress);
    List<String> findings = findings(log);
    long next = progress.seed();
    if (hung || process.exitValue() != 0) {
      String what = hung ? "hang" : "crash " + process.exitValue();
      findings.add(FuzzChild.save(corpus, next, found, what));
      next++;
    }
    if (progress.growth() > FuzzChild.MAX_GROWTH_MEGABYTES) {
      findings.add("memory grew by %d MB from seed %d on".formatted(progress.growth(), seed));
    }
    findings.forEach(System.out::println);
    Files.delete(file);
    Files.delete(log);
    return new Tally(
        next,
        (System.nanoTime() - start) / 1e9,
        progress.processorNanos() / 1e9,
        1,
        progress.growth(),
        progress.counts(),
        findings,
        List.of());
  }

  private static Process start(
      long seed, long files, int number, Path progress, Path log, Path found) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // All of the heap at once, so that what grows is native memory.
    command.addAll(List.of("-Xms192m", "-Xmx192m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC"));
    command.add("-XX:TieredStopAtLevel=1");
    // FFmpeg takes a thread a processor: one in most children, two in every fourth.
    command.add("-XX:ActiveProcessorCount=" + (number % 4 == 3 ? 2 : 1));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(FuzzChild.class.getName());
    command.addAll(List.of("" + seed, "" + files, progress.toString(), found.toString()));
    command.addAll(FOLDERS);
    return new ProcessBuilder(command)
        .redirectOutput(log.toFile())
        // Native libraries write about damaged files there.
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** False if the child hung and was ended. */
  private static boolean await(Process process, FuzzProgress progress) throws InterruptedException {
    long before = -1;
    long since = System.nanoTime();
    Duration used = Duration.ZERO;
    while (!process.waitFor(1, TimeUnit.SECONDS)) {
      long now = progress.seed();
      Duration computed = process.info().totalCpuDuration().orElse(Duration.ZERO);
      if (now != before) {
        before = now;
        since = System.nanoTime();
        used = computed;
      }
      if (computed.minus(used).toSeconds() > HANG_SECONDS
          || System.nanoTime() - since > TimeUnit.SECONDS.toNanos(DEADLOCK_SECONDS)) {
        process.destroyForcibly().waitFor();
        return false;
      }
    }
    return true;
  }

  private static List<String> findings(Path log) throws IOException {
    List<String> findings = new ArrayList<>();
    try (BufferedReader lines = Files.newBufferedReader(log, StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(FOUND)) {
          findings.add(line.substring(FOUND.length()));
        }
      }
    }
    return findings;
  }
}
