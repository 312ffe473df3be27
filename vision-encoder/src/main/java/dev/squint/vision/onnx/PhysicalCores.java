package dev.squint.vision.onnx;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Counts the physical cores that this process may use. ONNX Runtime reads the processor's own
 * numbers, which in virtual machines may count two cores as the two threads of one; and it does not
 * know the limit of a container.
 */
final class PhysicalCores {

  private static final Path LINUX = Path.of("/sys/devices/system/cpu");

  private PhysicalCores() {}

  /** The number of cores, or 0 if it is not known and ONNX Runtime shall count them. */
  static int count() {
    return count(LINUX, Runtime.getRuntime().availableProcessors());
  }

  /**
   * Counts the cores that the operating system lists.
   *
   * @param processors folder with a folder for each logical processor, which names those of its
   *     core
   * @param available number of logical processors that this process may use
   */
  static int count(Path processors, int available) {
    Set<String> cores = new HashSet<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(processors, "cpu[0-9]*")) {
      for (Path folder : folders) {
        Path core = folder.resolve("topology/thread_siblings_list");
        if (Files.isReadable(core)) {
          cores.add(Files.readString(core).strip());
        }
      }
    } catch (IOException e) {
      return 0;
    }
    return Math.min(cores.size(), available);
  }
}
