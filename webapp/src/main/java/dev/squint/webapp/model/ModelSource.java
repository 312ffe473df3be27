package dev.squint.webapp.model;

import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.hub.RepositoryName;
import dev.squint.llm.model.ModelPackage;
import dev.squint.spring.ModelLocator;
import dev.squint.vision.picture.PictureReader;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.answering.ServedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where one model comes from.
 *
 * @param given the name that was given: a folder, {@code OWNER/NAME}, {@code arch:NAME}, or empty
 *     for Squint's own model
 * @param options how it is loaded
 */
record ModelSource(
    String given,
    ModelLocator locator,
    LoadOptions options,
    ServerSettings settings,
    PictureReader pictures) {

  private static final int SLOW_COPY_OF_WEIGHTS = 2;

  /** Whether loading may wait for a hub. */
  boolean mayDownload() {
    return RepositoryName.matches(given) && !Files.exists(Path.of(given));
  }

  /** Whether loading may wait for a hub or for an encode replica. */
  boolean mayWait() {
    return mayDownload() || options.encoder() != null;
  }

  /** The names by which requests can name the model; the first one is its id. */
  List<String> names() {
    Set<String> names = new LinkedHashSet<>();
    if (mayDownload()) {
      RepositoryName name = RepositoryName.parse(given);
      names.add(name.owner() + "/" + name.name());
      names.add(name.name());
    } else if (given.startsWith("arch:")) {
      names.add(given.substring("arch:".length()));
    } else {
      names.add(ModelPackage.read(locate(), options.variants(), options.family()).name());
    }
    if (!given.isEmpty()) {
      names.add(given);
    }
    return List.copyOf(names);
  }

  /** The folder of the package; downloads it if needed. */
  Path locate() {
    return locator.locate(given, options.variants());
  }

  /** Bytes of memory that the weights of a package need at most, by the sizes of its files. */
  static long memory(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return SLOW_COPY_OF_WEIGHTS
          * files
              .filter(file -> file.getFileName().toString().matches(".*\\.(onnx|onnx_data.*|data)"))
              .mapToLong(file -> file.toFile().length())
              .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ServedModel load(String id, Path folder) {
    return new ServedModel(id, VisionLanguageModel.load(folder, options), settings, pictures);
  }
}
