package dev.squint.eval.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a run is, {@code run.json} beside its answers: enough to do it again.
 *
 * @param identity what its answers depend on; a run goes on only if this is unchanged
 * @param plans what the questions are asked under; more may be added later
 * @param command the words of the command line
 * @param versions of Squint and of what it rests on
 * @param machine where it ran
 * @param threads how many pictures were worked on at once
 */
public record RunFile(
    Identity identity,
    List<String> plans,
    List<String> command,
    Map<String, String> versions,
    Machine machine,
    int threads) {

  /**
   * What the answers depend on.
   *
   * @param model name of the package
   * @param variant form of the graphs, as it was asked for
   * @param modelSha256 of the package's files
   * @param questionsSha256 by data set, of the questions as they are asked
   */
  public record Identity(
      String model, String variant, String modelSha256, Map<String, String> questionsSha256) {}

  /**
   * Writes it into a run's folder.
   *
   * @throws IllegalArgumentException if the folder holds another run
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
      throw new UncheckedIOException(folder + " cannot be made", e);
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
