package dev.squint.llm.hub;

import dev.squint.llm.arch.Architectures;
import dev.squint.llm.model.Variants;
import dev.squint.vision.onnx.graph.GraphCache;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Finds the folder of a model by the name that users write: a folder, {@code OWNER/NAME[@REVISION]}
 * on a hub, or {@code arch:NAME}. Thread-safe if its components are.
 *
 * @param hub the hub for packages that are not on this machine. It is made only when a name can be
 *     a package on a hub: its HTTP client takes 0.3 s to start
 * @param cache folder for generated packages of an architecture
 * @param notice receives one line before a package is downloaded or generated
 * @param progress is notified of the download
 */
public record ModelFolders(
    Supplier<Hub> hub, GraphCache cache, Consumer<String> notice, PullProgress progress) {

  /**
   * The folder of a model. A folder of that name has precedence over a package on the hub. A
   * package that was downloaded before is used without a request.
   *
   * @param variants the precision variant of each graph to download
   * @return a folder; one that does not exist if the name cannot be a package on a hub
   * @throws IllegalArgumentException if the hub has no such package, or there is no such
   *     architecture
   * @throws java.io.UncheckedIOException if the package cannot be downloaded or written
   */
  public Path folder(String model, Variants variants) {
    if (model.startsWith(Architectures.PREFIX)) {
      return new Architectures(cache, notice).folder(model, variants);
    }
    Path folder = Path.of(model);
    if (Files.exists(folder) || !RepositoryName.matches(model)) {
      return folder;
    }
    RepositoryName name = RepositoryName.parse(model);
    Hub source = hub.get();
    return source
        .find(name, variants)
        .orElseGet(
            () -> {
              notice.accept(
                  "There is no folder %s; downloading %s from the hub".formatted(model, name));
              return source.pull(name, variants, progress);
            });
  }
}
