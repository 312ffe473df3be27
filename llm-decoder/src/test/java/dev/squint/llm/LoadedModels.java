package dev.squint.llm;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The packages that the tests of one class use, each loaded once. */
final class LoadedModels implements AutoCloseable {

  private final Map<Path, VisionLanguageModel> models = new HashMap<>();

  /** The model of a package folder; do not close it. */
  synchronized VisionLanguageModel of(Path folder) {
    return models.computeIfAbsent(folder, VisionLanguageModel::load);
  }

  @Override
  public synchronized void close() {
    models.values().forEach(VisionLanguageModel::close);
    models.clear();
  }
}
