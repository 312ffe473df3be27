package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.OnnxRuntime;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A graph cut into stages, as files.
 *
 * @param folder the folder of the stages' files
 * @param weights the folder of the weight files if it is another one; a session gets it by {@link
 *     OnnxRuntime#WEIGHTS_FOLDER}
 * @param stages the stages in order
 * @param layers the properties of each layer of the whole graph
 * @param countsPositions whether the whole graph has no input of position ids and counts from 0;
 *     its stages may have the input
 * @param leftOut outputs of the whole graph that no single stage can compute
 */
public record CutGraph(
    Path folder,
    Optional<Path> weights,
    List<StageGraph> stages,
    List<LayerInfo> layers,
    boolean countsPositions,
    List<String> leftOut) {

  /** Copies the lists. */
  public CutGraph {
    stages = List.copyOf(stages);
    layers = List.copyOf(layers);
    leftOut = List.copyOf(leftOut);
  }

  /** The file of a stage. */
  public Path file(int stage) {
    return folder.resolve(stages.get(stage).file());
  }
}
