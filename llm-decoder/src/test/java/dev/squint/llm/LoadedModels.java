package dev.squint.llm;

import dev.squint.llm.model.Devices;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Packages that several test classes use, each loaded once: ONNX Runtime takes longer to open the
 * graphs of a tiny model than to run them. Their caches remember what other tests asked.
 */
final class LoadedModels {

  private static final Map<Path, VisionLanguageModel> MODELS = new HashMap<>();

  /** On the processor; on another device with {@code -Dsquint.test.device=cuda}. */
  private static final LoadOptions OPTIONS =
      LoadOptions.DEFAULT.withDevices(
          Devices.parse(System.getProperty("squint.test.device", "cpu")));

  private LoadedModels() {}

  /** The model of a package folder, open until the last test has run; do not close it. */
  static synchronized VisionLanguageModel of(Path folder) {
    return MODELS.computeIfAbsent(
        folder.toAbsolutePath(), file -> VisionLanguageModel.load(file, OPTIONS));
  }
}
