package dev.squint.spark;

import java.io.Serializable;
import java.util.List;

/**
 * Which model the executors load.
 *
 * @param model folder on each node, {@code arch:NAME}, {@code OWNER/NAME} on a hub, or the URI of a
 *     zip archive with a package
 * @param variant precision variant of the graphs, empty for the package's own
 * @param threads threads of ONNX Runtime for each question; 0 for {@code spark.task.cpus}
 * @param plans plans that the decoder is prepared for
 */
record ModelSettings(String model, String variant, int threads, List<String> plans)
    implements Serializable {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if the model is empty or the threads are negative
   */
  ModelSettings {
    if (model.isBlank()) {
      throw new IllegalArgumentException(
          "the model is empty; give a folder, OWNER/NAME, arch:NAME or the URI of a zip archive");
    }
    if (threads < 0) {
      throw new IllegalArgumentException(
          "threads must be 0 (spark.task.cpus) or more but was " + threads);
    }
    plans = List.copyOf(plans);
  }
}
