package dev.squint.llm.model;

import dev.squint.pruner.TrainedWeights;
import java.nio.file.Path;
import java.util.Map;

/** Files of routers that were fitted to a model which was not trained with any. */
public final class RouterWeights {

  private static final String RATIOS = "ratio";

  private RouterWeights() {}

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException saying what is wrong with the file
   */
  public static TrainedWeights read(Path file) {
    return Safetensors.read(file);
  }

  /** Writes a file that {@link #read} reads. */
  public static void write(Path file, TrainedWeights weights) {
    Safetensors.write(
        file,
        weights.tensors(),
        Map.of("made_by", "squint calibrate --routers", "trained", "no, fitted by least squares"));
  }

  /**
   * Number of layers of the decoder that routers were made for.
   *
   * @throws IllegalArgumentException if the weights are not those of routers
   */
  public static int layers(TrainedWeights weights) {
    return weights.has(RATIOS) ? weights.vector(RATIOS).length : weights.vector("routed").length;
  }

  /**
   * Values of a hidden state that routers read.
   *
   * @throws IllegalArgumentException if the weights are not those of routers
   */
  public static int width(TrainedWeights weights) {
    return weights.matrix(weights.has("gain") ? "gain" : "router.weight").cols();
  }
}
