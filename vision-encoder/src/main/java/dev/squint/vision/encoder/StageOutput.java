package dev.squint.vision.encoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.vision.encoder.TileStates.Values;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The hidden states or features that a stage gave for a batch of tiles, [B, S, D] or [B * S, D].
 * They stay in the memory of ONNX Runtime until one tile's are read, so that the next stage takes
 * them without a copy. Not thread-safe.
 */
final class StageOutput {

  private final OrtSession.Result result;
  private final OnnxTensor tensor;
  private final List<TileStates> tiles;
  private final long[] shape;
  private int users;
  private float @Nullable [] read;

  private StageOutput(
      OrtSession.Result result, OnnxTensor tensor, List<TileStates> tiles, long[] shape) {
    this.result = result;
    this.tensor = tensor;
    this.tiles = List.copyOf(tiles);
    this.shape = shape;
    this.users = tiles.size();
  }

  /**
   * Takes ownership of a result.
   *
   * @param tensor its hidden states or features
   * @param tiles its batch; each of them leaves once
   * @throws IllegalStateException if the tensor has no part for each tile; the result is closed
   */
  static StageOutput of(OrtSession.Result result, OnnxTensor tensor, List<TileStates> tiles) {
    try {
      return new StageOutput(result, tensor, tiles, shapeOfTile(tensor, tiles.size()));
    } catch (IllegalStateException e) {
      result.close();
      throw e;
    }
  }

  /**
   * The shape of one tile's part, without the batch dimension.
   *
   * @throws IllegalStateException if the tensor has no part for each tile
   */
  static long[] shapeOfTile(OnnxTensor tensor, int tiles) {
    long[] all = tensor.getInfo().getShape();
    if (all.length == 2 && all[0] % tiles == 0) {
      return new long[] {all[0] / tiles, all[1]};
    }
    if (all[0] != tiles) {
      throw new IllegalStateException(
          "an output has the shape %s for %d tiles".formatted(Arrays.toString(all), tiles));
    }
    return Arrays.copyOfRange(all, 1, all.length);
  }

  /** All values of a tensor; a copy. */
  static float[] values(OnnxTensor tensor) {
    FloatBuffer copy = tensor.getFloatBuffer();
    if (copy.hasArray()) {
      return copy.array();
    }
    // Halves are converted into a direct buffer.
    float[] values = new float[copy.remaining()];
    copy.get(values);
    return values;
  }

  /** The shape of one tile's part. */
  long[] shape() {
    return shape.clone();
  }

  /** The part of a tile of the batch. */
  Values of(TileStates tile) {
    if (read == null) {
      read = values(tensor);
    }
    int size = read.length / tiles.size();
    int from = tiles.indexOf(tile) * size;
    return new Values(
        tiles.size() == 1 ? read : Arrays.copyOfRange(read, from, from + size), shape());
  }

  /** The tensor, if it holds these tiles and no others, in this order. */
  @Nullable OnnxTensor ofBatch(List<TileStates> batch) {
    return tiles.equals(batch) ? tensor : null;
  }

  /** Says that a tile does not need its part any more. The last one frees the memory. */
  void leave() {
    users--;
    if (users == 0) {
      result.close();
    }
  }
}
