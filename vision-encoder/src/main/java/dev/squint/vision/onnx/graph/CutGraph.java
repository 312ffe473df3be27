package dev.squint.vision.onnx.graph;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A graph cut into stages, as files.
 *
 * @param folder where the stages' files are
 * @param weights the folder of the files with weights where that is another one: a session must be
 *     told by {@link #WEIGHTS_FOLDER}
 * @param stages in order
 * @param layers what is said of each layer of the whole graph
 * @param countsPositions whether the whole graph takes no position ids but counts from 0, where
 *     stages may take them
 * @param leftOut outputs of the whole graph that no stage gives, since they need several stages
 */
public record CutGraph(
    Path folder,
    Optional<Path> weights,
    List<StageGraph> stages,
    List<LayerInfo> layers,
    boolean countsPositions,
    List<String> leftOut) {

  /** The configuration entry of ONNX Runtime's sessions for {@link #weights}. */
  public static final String WEIGHTS_FOLDER =
      "session.model_external_initializers_file_folder_path";

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
