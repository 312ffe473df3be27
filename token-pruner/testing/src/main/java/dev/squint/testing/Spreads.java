package dev.squint.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.StackWalker.StackFrame;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Records the largest difference at each comparison of floats in the tests, and appends them to the
 * file of {@code -Dspreads=FILE} at the end.
 */
final class Spreads {
  private static final @Nullable String FILE = System.getProperty("spreads");
  private static final Map<String, Spread> WORST = new TreeMap<>();

  static {
    if (FILE != null) {
      Path file = Path.of(FILE);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> write(file)));
    }
  }

  private record Spread(double difference, double scale, double allowed) {

    double used() {
      return difference == 0 ? 0 : difference / allowed;
    }
  }

  private Spreads() {}

  static void note(double difference, double scale, Tolerance tolerance) {
    if (FILE == null) {
      return;
    }
    synchronized (WORST) {
      WORST.merge(
          place(),
          new Spread(difference, scale, tolerance.allowed(scale)),
          (one, other) -> other.used() > one.used() ? other : one);
    }
  }

  /** The line of the test; without one, the line of the caller. */
  private static String place() {
    List<StackFrame> frames = StackWalker.getInstance().walk(Stream::toList);
    return frames.stream()
        .filter(frame -> String.valueOf(frame.getFileName()).endsWith("Test.java"))
        .findFirst()
        .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
        .orElseGet(() -> String.valueOf(frames.get(frames.size() - 1).getFileName()));
  }

  private static void write(Path file) {
    StringBuilder lines = new StringBuilder();
    synchronized (WORST) {
      WORST.forEach(
          (place, spread) ->
              lines.append(
                  String.format(
                      Locale.ROOT,
                      "%s\tdifference %.3g\tscale %.3g\trelative %.3g\tallowed %.3g%n",
                      place,
                      spread.difference(),
                      spread.scale(),
                      spread.scale() == 0 ? 0 : spread.difference() / spread.scale(),
                      spread.allowed())));
    }
    try {
      Files.writeString(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
