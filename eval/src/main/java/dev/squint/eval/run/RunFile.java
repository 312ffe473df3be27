package dev.squint.eval.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * {@code run.json}: everything needed to repeat a run.
 *
 * @param identity inputs of the answers; a run is only resumed if they are unchanged
 * @param plans the conditions; later starts may add more
 * @param command arguments of the command line
 * @param versions versions of Squint and its runtime
 * @param machine the machine
 * @param threads number of pictures processed in parallel
 */
public record RunFile(
    Identity identity,
    List<String> plans,
    List<String> command,
    Map<String, String> versions,
    Machine machine,
    int threads) {

  /**
   * The inputs that determine the answers.
   *
   * @param model name of the package
   * @param variant requested precision variant of the graphs
   * @param modelSha256 hash of the package's files
   * @param questionsSha256 hash of the prompts, by data set
   */
  public record Identity(
      String model, String variant, String modelSha256, Map<String, String> questionsSha256) {}

  /**
   * Writes the file to a run's folder.
   *
   * @throws IllegalArgumentException if the folder has a different run
   */
  public void writeTo(Path folder) {
    Path file = folder.resolve("run.json");
    if (Files.exists(file)) {
      Identity there = read(file).identity();
      if (!there.equals(identity)) {
        throw new IllegalArgumentException(
            "%s holds a run of %s, but this one is of %s; give another --out"
                .formatted(folder, there, identity));
      }
    }
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be created", e);
    }
    JsonFiles.write(file, this);
  }

  /** Reads {@code run.json}. */
  public static RunFile read(Path file) {
    try {
      return JsonFiles.MAPPER.readValue(file.toFile(), RunFile.class);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }
}
