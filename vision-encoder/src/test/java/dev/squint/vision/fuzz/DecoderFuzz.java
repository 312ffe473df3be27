package dev.squint.vision.fuzz;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Damages small files at random and gives them to all decoders, in child processes, for some time.
 * Reports crashes, files that take long, exceptions of the wrong kind, and the memory in use, each
 * with its seed. docs/testing.md says how to start it.
 */
final class DecoderFuzz {

  private static final long HANG_SECONDS = 60;
  private static final long SLOW_NANOS = 8_000_000_000L;
  private static final int REPORT_EVERY = 5000;

  private DecoderFuzz() {}

  /**
   * Runs for some seconds.
   *
   * @param found folder for files that were found; created if it is missing
   * @param folders of the corpus
   * @return how many files were found
   */
  static long run(long seconds, long firstSeed, Path found, List<String> folders)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    long seed = firstSeed;
    Files.createDirectories(found);
    Corpus corpus = corpus(folders);
    System.out.printf("%d files in the corpus, seeds from %d%n", corpus.files().size(), seed);
    int findings = 0;
    long tried = 0;
    while (System.nanoTime() < end) {
      Path progress = Files.createTempFile("fuzz-", ".seed");
      Process process = start(seed, end, progress, found, folders);
      boolean hung = !await(process, progress);
      long reached = seed(progress);
      Files.delete(progress);
      tried += reached - seed;
      seed = reached + 1;
      if (hung || process.exitValue() != 0) {
        findings++;
        tried++;
        save(corpus, reached, found, hung ? "hang" : "crash " + process.exitValue());
      }
    }
    long saved;
    try (var files = Files.list(found)) {
      saved = files.count();
    }
    System.out.printf(
        "%d files tried, up to seed %d; %d crashes or hangs, %d files in %s%n",
        tried, seed - 1, findings, saved, found);
    return saved;
  }

  /** The child process. */
  public static void main(String[] arguments) throws IOException {
    child(arguments);
  }

  private static Corpus corpus(List<String> folders) {
    return Corpus.of(folders.stream().map(Path::of).toArray(Path[]::new));
  }

  private static Process start(long seed, long end, Path progress, Path found, List<String> folders)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx384m", "-XX:+UseSerialGC", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(DecoderFuzz.class.getName());
    long seconds = Math.max(1, TimeUnit.NANOSECONDS.toSeconds(end - System.nanoTime()));
    command.addAll(List.of("child", "" + seconds, "" + seed, progress.toString()));
    command.add(found.toString());
    command.addAll(folders);
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.INHERIT)
        // Native libraries write about damaged files there.
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** False if the child made no progress for a minute and was ended. */
  private static boolean await(Process process, Path progress)
      throws IOException, InterruptedException {
    long before = -1;
    int still = 0;
    while (!process.waitFor(1, TimeUnit.SECONDS)) {
      long now = seed(progress);
      still = now == before ? still + 1 : 0;
      before = now;
      if (still >= HANG_SECONDS) {
        process.destroyForcibly().waitFor();
        return false;
      }
    }
    return true;
  }

  private static long seed(Path progress) throws IOException {
    byte[] bytes = Files.readAllBytes(progress);
    return bytes.length < Long.BYTES ? 0 : ByteBuffer.wrap(bytes).getLong();
  }

  private static void save(Corpus corpus, long seed, Path found, String what) throws IOException {
    String name = seed + "-" + corpus.name(seed);
    Files.write(found.resolve(name), corpus.damaged(seed));
    System.out.printf("%s: seed %d, %s%n", what, seed, name);
  }

  /** Tries file after file; a seed is written before its file is tried. */
  private static void child(String[] arguments) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[1]));
    long first = Long.parseLong(arguments[2]);
    Path found = Path.of(arguments[4]);
    Corpus corpus = corpus(List.of(arguments).subList(5, arguments.length));
    PrintStream out = System.out;
    // The sound files first: loading libraries takes seconds, which no file is to blame for.
    corpus.files().forEach(Trial::run);
    try (FileChannel channel =
        FileChannel.open(
            Path.of(arguments[3]), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer progress = channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES);
      for (long seed = first; System.nanoTime() < end; seed++) {
        progress.putLong(0, seed);
        long start = System.nanoTime();
        try {
          Trial.run(corpus.damaged(seed));
        } catch (RuntimeException | Error e) {
          out.println(e + " at " + (e.getStackTrace().length > 0 ? e.getStackTrace()[0] : ""));
          save(corpus, seed, found, "exception");
        }
        if (System.nanoTime() - start > SLOW_NANOS) {
          save(corpus, seed, found, "slow");
        }
        if ((seed - first) % REPORT_EVERY == REPORT_EVERY - 1) {
          out.printf("seed %d, resident %d MB%n", seed, residentBytes() >> 20);
        }
      }
    }
  }

  private static long residentBytes() throws IOException {
    Path status = Path.of("/proc/self/statm");
    return Files.exists(status)
        ? Long.parseLong(Files.readString(status).split(" ", -1)[1]) * 4096
        : Runtime.getRuntime().totalMemory();
  }
}
