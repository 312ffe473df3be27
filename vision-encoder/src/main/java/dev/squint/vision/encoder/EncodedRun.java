package dev.squint.vision.encoder;

import ai.onnxruntime.OnnxTensor;
import dev.squint.pruner.Matrix;
import dev.squint.vision.encoder.TileStates.Values;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The encoder's outputs for one run of tiles.
 *
 * @param graph name of the graph, for messages
 * @param tiles number of tiles
 * @param features all tokens of the grids, [tiles * tokens of a tile, D]
 * @param summaries the token of each tile as a whole, [tiles, D]; [0, D] for most encoders
 * @param outputs the other requested outputs, by name
 */
record EncodedRun(
    String graph, int tiles, Matrix features, Matrix summaries, Map<String, Values> outputs) {

  /**
   * Copies the outputs of a graph.
   *
   * @param features [tiles, tokens, D] or [tiles * tokens, D]
   * @param summarises whether the first token of each tile is one of all of it
   * @param others other outputs, by name
   * @throws IllegalStateException if the shape does not fit the tiles, or a feature is not finite
   */
  static EncodedRun of(
      String graph,
      int tiles,
      OnnxTensor features,
      boolean summarises,
      Map<String, OnnxTensor> others) {
    long[] shape = features.getInfo().getShape();
    long size = shape[shape.length - 1];
    long tokens = features.getInfo().getNumElements() / Math.max(1, size);
    if (shape.length < 2 || tokens < tiles || tokens % tiles != 0) {
      throw new IllegalStateException(
          "%s gave image_features %s for %d tiles".formatted(graph, Arrays.toString(shape), tiles));
    }
    float[] values = floats(features);
    requireFinite(graph, values, (int) size);
    Matrix all = new Matrix((int) tokens, (int) size, values);
    int perTile = (int) tokens / tiles;
    return new EncodedRun(
        graph,
        tiles,
        summarises ? all.rows(rows(tiles, perTile, 1, perTile)) : all,
        summarises ? all.rows(rows(tiles, perTile, 0, 1)) : new Matrix(0, (int) size, new float[0]),
        others.entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey,
                    other ->
                        new Values(
                            floats(other.getValue()), other.getValue().getInfo().getShape()))));
  }

  /** Rows [from, to) of each tile. */
  private static int[] rows(int tiles, int perTile, int from, int to) {
    return IntStream.range(0, tiles)
        .flatMap(tile -> IntStream.range(tile * perTile + from, tile * perTile + to))
        .toArray();
  }

  /** The values of a tensor of 32-bit or 16-bit floats. */
  private static float[] floats(OnnxTensor tensor) {
    FloatBuffer buffer = tensor.getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  /**
   * Rejects values that are not finite: half-precision encoders overflow on some pictures, and the
   * model would then answer at random.
   */
  static void requireFinite(String graph, float[] values, int size) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalStateException(
            ("%s gave %s as a feature of visual token %d; half-precision encoders may overflow:"
                    + " choose another variant of the vision encoder, such as fp32 or q4")
                .formatted(graph, values[i], i / size));
      }
    }
  }

  int tokensPerTile() {
    return features.rows() / tiles;
  }

  /**
   * One of the other outputs.
   *
   * @throws IllegalStateException if it was not requested
   */
  Values output(String name) {
    Values values = outputs.get(name);
    if (values == null) {
      throw new IllegalStateException(
          "output %s of %s was not requested; the requested outputs are %s"
              .formatted(name, graph, outputs.keySet()));
    }
    return values;
  }

  /** The features of all runs, [N, D]. */
  static Matrix features(List<EncodedRun> runs, int sizeOfNone) {
    return together(runs.stream().map(EncodedRun::features).toList(), sizeOfNone);
  }

  /**
   * Stacks the rows of several matrices; a single matrix is returned as it is.
   *
   * @param sizeOfNone columns of the result if there are no matrices
   */
  static Matrix together(List<Matrix> parts, int sizeOfNone) {
    if (parts.size() == 1) {
      return parts.get(0);
    }
    return parts.isEmpty() ? new Matrix(0, sizeOfNone, new float[0]) : Matrix.stacked(parts);
  }
}
