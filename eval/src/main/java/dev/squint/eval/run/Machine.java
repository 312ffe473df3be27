package dev.squint.eval.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The machine of a run; times are only comparable on the same machine.
 *
 * @param processor name of the processor, if the system reports it
 * @param cores number of processors available to the JVM
 * @param memoryMegabytes maximum heap size
 * @param system operating system and architecture
 * @param java version and vendor
 */
public record Machine(
    String processor, int cores, long memoryMegabytes, String system, String java) {

  /** Returns this machine. */
  public static Machine here() {
    return new Machine(
        processorName(),
        Runtime.getRuntime().availableProcessors(),
        Runtime.getRuntime().maxMemory() >> 20,
        "%s %s %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")),
        "%s (%s)".formatted(System.getProperty("java.version"), System.getProperty("java.vendor")));
  }

  private static String processorName() {
    Path info = Path.of("/proc/cpuinfo");
    if (Files.isReadable(info)) {
      try (var lines = Files.lines(info)) {
        return lines
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse("unknown");
      } catch (IOException e) {
        return "unknown";
      }
    }
    return "unknown";
  }
}
