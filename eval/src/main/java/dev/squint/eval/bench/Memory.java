package dev.squint.eval.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Resident memory of this process, as Linux reports it.
 *
 * @param anonymousMegabytes private memory, such as copies of weights; NaN if unknown
 * @param fileMegabytes memory mapped from files, which processes can share; NaN if unknown
 */
record Memory(double anonymousMegabytes, double fileMegabytes) {

  /** Returns the current resident memory. */
  static Memory now() {
    Path status = Path.of("/proc/self/status");
    try {
      List<String> lines = Files.isReadable(status) ? Files.readAllLines(status) : List.of();
      return new Memory(megabytes(lines, "RssAnon:"), megabytes(lines, "RssFile:"));
    } catch (IOException e) {
      return new Memory(Double.NaN, Double.NaN);
    }
  }

  private static double megabytes(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024 / 1e6)
        .findFirst()
        .orElse(Double.NaN);
  }

  Memory since(Memory before) {
    return new Memory(
        anonymousMegabytes - before.anonymousMegabytes, fileMegabytes - before.fileMegabytes);
  }
}
