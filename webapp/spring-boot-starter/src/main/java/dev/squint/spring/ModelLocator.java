package dev.squint.spring;

import dev.squint.llm.hub.Hub;
import dev.squint.llm.hub.HubSettings;
import dev.squint.llm.hub.ModelFolders;
import dev.squint.llm.hub.PullProgress;
import dev.squint.llm.model.Variants;
import dev.squint.vision.onnx.graph.GraphCache;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the folder of the model that {@code squint.model} names. An application that keeps its
 * models elsewhere defines a bean of this type.
 */
@FunctionalInterface
public interface ModelLocator {

  /**
   * The folder of a model.
   *
   * @param model the value of {@code squint.model}; may be empty
   * @param variants the precision variant of each graph
   * @throws IllegalArgumentException if there is no such model
   * @throws java.io.UncheckedIOException if it cannot be downloaded or written
   */
  Path locate(String model, Variants variants);

  /**
   * Accepts folders, {@code OWNER/NAME[@REVISION]} on a hub and {@code arch:NAME}, and logs
   * downloads.
   */
  static ModelLocator of(HubSettings hub) {
    Logger log = LoggerFactory.getLogger(ModelLocator.class);
    PullProgress progress = new LoggedProgress(log);
    ModelFolders folders =
        new ModelFolders(() -> new Hub(hub), GraphCache.ofUser(), log::info, progress);
    return (model, variants) -> {
      if (model.isBlank()) {
        throw new IllegalArgumentException(
            "squint.model is empty; set it to a folder, OWNER/NAME or arch:NAME");
      }
      return folders.folder(model, variants);
    };
  }
}
