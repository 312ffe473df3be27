package dev.squint.llm.hub;

import dev.squint.llm.arch.Architectures;
import dev.squint.llm.model.Variants;
import dev.squint.vision.onnx.graph.GraphCache;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Finds the folder of a model by the name that users write: a folder, {@code OWNER/NAME[@REVISION]}
 * on a hub, or {@code arch:NAME}. Thread-safe if {@code told} and {@code progress} are.
 *
 * @param hub where packages that are not on this machine come from
 * @param cache where packages of an architecture are made
 * @param told receives one line before a package is downloaded or made
 * @param progress is told how a package arrives
 */
public record ModelFolders(
    Hub hub, GraphCache cache, Consumer<String> told, PullProgress progress) {

  /**
   * The folder of a model. A folder of that name goes before a package on the hub, and a package
   * that was downloaded before is used without a request to the hub.
   *
   * @param variants the form of each graph that a download must bring
   * @return a folder; one that does not exist if the name cannot be a package on a hub
   * @throws IllegalArgumentException if the hub has no such package, or there is no such
   *     architecture
   * @throws java.io.UncheckedIOException if the package cannot be downloaded or written
   */
  public Path folder(String model, Variants variants) {
    if (model.startsWith(Architectures.PREFIX)) {
      return new Architectures(cache, told).folder(model);
    }
    Path folder = Path.of(model);
    if (Files.exists(folder) || !RepositoryName.matches(model)) {
      return folder;
    }
    RepositoryName name = RepositoryName.parse(model);
    return hub.find(name, variants)
        .orElseGet(
            () -> {
              told.accept("There is no folder %s; bringing %s from the hub".formatted(model, name));
              return hub.pull(name, variants, progress);
            });
  }
}
