package dev.squint.eval.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.squint.eval.report.Example;
import dev.squint.eval.report.Summary;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.RunFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The folder of a finished run.
 *
 * @param folder output folder of {@code squint eval --out}
 */
record RunFolder(Path folder) {

  /**
   * Opens the folder.
   *
   * @throws IllegalArgumentException if it holds no finished run
   */
  static RunFolder open(Path folder) {
    if (!Files.exists(folder.resolve("summary.json"))) {
      throw new IllegalArgumentException(
          "%s holds no finished run: summary.json is missing; give the output folder of 'squint eval --out'"
              .formatted(folder));
    }
    return new RunFolder(folder);
  }

  RunFile run() {
    return RunFile.read(folder.resolve("run.json"));
  }

  Summary summary() {
    return read("summary.json", new TypeReference<>() {});
  }

  /** Examples of wins and losses; empty if the run has only its tables. */
  List<Example> examples() {
    return Files.exists(folder.resolve("examples.json"))
        ? read("examples.json", new TypeReference<>() {})
        : List.of();
  }

  <T> T read(String file, TypeReference<T> type) {
    try {
      return JsonFiles.MAPPER.readValue(folder.resolve(file).toFile(), type);
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be read".formatted(folder.resolve(file)), e);
    }
  }
}
