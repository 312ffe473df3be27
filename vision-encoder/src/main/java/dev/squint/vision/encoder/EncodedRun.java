package dev.squint.vision.encoder;

import ai.onnxruntime.OnnxTensor;
import dev.squint.pruner.Matrix;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the encoder gave for a run of tiles.
 *
 * @param tiles number of tiles
 * @param features all tokens, [tiles * tokens of a tile, D]
 * @param clsAttentions [tiles, layers, H, tokens of a tile] as one row, or null if not asked for
 * @param heads H
 * @param deep features of earlier layers, as {@code features}, in the order that they were asked
 *     for
 */
record EncodedRun(
    int tiles, Matrix features, @Nullable Matrix clsAttentions, int heads, List<Matrix> deep) {

  /**
   * Takes over the outputs of a graph.
   *
   * @param features [tiles, tokens, D] or [tiles * tokens, D]
   * @param attentions [tiles, layers, H, tokens] or [tiles, H, tokens], or null
   * @param deep features of earlier layers, shaped as the others
   * @throws IllegalStateException if the shapes do not fit the tiles, or a feature is no number
   */
  static EncodedRun of(
      String graph,
      int tiles,
      OnnxTensor features,
      @Nullable OnnxTensor attentions,
      List<OnnxTensor> deep) {
    long[] shape = features.getInfo().getShape();
    long size = shape[shape.length - 1];
    long tokens = features.getInfo().getNumElements() / Math.max(1, size);
    if (shape.length < 2 || tokens < tiles || tokens % tiles != 0) {
      throw new IllegalStateException(
          "%s gave image_features %s for %d tiles".formatted(graph, Arrays.toString(shape), tiles));
    }
    float[] values = floats(features);
    requireFinite(graph, values, (int) size);
    Matrix matrix = new Matrix((int) tokens, (int) size, values);
    List<Matrix> levels = new ArrayList<>();
    for (OnnxTensor level : deep) {
      float[] added = floats(level);
      requireFinite(graph, added, (int) size);
      levels.add(new Matrix((int) tokens, (int) size, added));
    }
    if (attentions == null) {
      return new EncodedRun(tiles, matrix, null, 0, levels);
    }
    long[] attended = attentions.getInfo().getShape();
    if (attended[0] != tiles || attended[attended.length - 1] * tiles != tokens) {
      throw new IllegalStateException(
          "%s gave cls_attentions %s for %d tiles of %d tokens"
              .formatted(graph, Arrays.toString(attended), tiles, tokens / tiles));
    }
    float[] weights = floats(attentions);
    int heads = (int) attended[attended.length - 2];
    return new EncodedRun(tiles, matrix, new Matrix(1, weights.length, weights), heads, levels);
  }

  /** The values of a tensor of floats or halves. */
  private static float[] floats(OnnxTensor tensor) {
    FloatBuffer buffer = tensor.getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  /** Half-precision encoders overflow on some pictures, and nonsense would be answered. */
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

  /** The features of all runs, [N, D]. */
  static Matrix features(List<EncodedRun> runs, int sizeOfNone) {
    return together(runs.stream().map(EncodedRun::features).toList(), sizeOfNone);
  }

  /** Features of an earlier layer of all runs, [N, D]. */
  static Matrix deep(List<EncodedRun> runs, int index, int sizeOfNone) {
    return together(runs.stream().map(run -> run.deep.get(index)).toList(), sizeOfNone);
  }

  private static Matrix together(List<Matrix> parts, int sizeOfNone) {
    if (parts.size() == 1) {
      return parts.get(0);
    }
    int rows = parts.stream().mapToInt(Matrix::rows).sum();
    int size = parts.isEmpty() ? sizeOfNone : parts.get(0).cols();
    float[] all = new float[Math.multiplyExact(rows, size)];
    int at = 0;
    for (Matrix one : parts) {
      float[] part = one.data();
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return new Matrix(rows, size, all);
  }

  /** The attention of one layer of all runs, [H, N]. */
  static Matrix clsAttention(List<EncodedRun> runs, int layer) {
    int tokens = runs.stream().mapToInt(run -> run.features.rows()).sum();
    int heads = runs.isEmpty() ? 0 : runs.get(0).heads;
    float[] perHead = new float[Math.multiplyExact(heads, tokens)];
    int column = 0;
    for (EncodedRun run : runs) {
      if (run.clsAttentions == null) {
        throw new IllegalStateException("attention was not asked for");
      }
      float[] from = run.clsAttentions.data();
      int width = run.tokensPerTile();
      int perTile = from.length / run.tiles;
      for (int tile = 0; tile < run.tiles; tile++, column += width) {
        for (int head = 0; head < heads; head++) {
          int at = tile * perTile + (layer * heads + head) * width;
          System.arraycopy(from, at, perHead, head * tokens + column, width);
        }
      }
    }
    return new Matrix(heads, tokens, perHead);
  }
}
