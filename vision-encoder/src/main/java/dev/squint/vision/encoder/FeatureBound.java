package dev.squint.vision.encoder;

import dev.squint.vision.onnx.graph.OnnxModel;
import dev.squint.vision.onnx.proto.TensorProto;
import dev.squint.vision.tile.PatchLayout;
import dev.squint.vision.tile.TiledImage;
import java.nio.file.Path;
import java.util.List;

/**
 * How many bytes the encoded tiles of a request can have, so that an answer of another process
 * cannot fill the heap. A tile gives at most one row for each patch, and no layer gives rows longer
 * than the longest side of the weights.
 *
 * @param widest values of a row
 */
public record FeatureBound(int widest) {

  /** Of graphs without weights of their own; twice that of the largest known decoders. */
  private static final int UNKNOWN_WIDTH = 16_384;

  /** Edge of the smallest patch of known encoders, in pixels. */
  private static final int SMALLEST_PATCH = 8;

  /** Rows beside those of the patches: class and register tokens. */
  private static final int OTHER_ROWS = 16;

  /** Rows of a kind of evidence that several layers give, beside each other. */
  private static final int MOST_LAYERS = 4;

  /** Bytes of positions, names and the checksum. */
  private static final long BYTES_OF_ROW = 64;

  private static final long HEADER = 64 << 10;

  /**
   * Reads the shapes of an encoder's weights.
   *
   * @throws IllegalArgumentException if the file is missing or not an ONNX graph
   */
  public static FeatureBound of(Path graph) {
    long widest =
        OnnxModel.read(graph).proto().getGraph().getInitializerList().stream()
            .filter(weight -> weight.getDimsCount() > 1)
            .mapToLong(FeatureBound::longestSide)
            .max()
            .orElse(UNKNOWN_WIDTH);
    return new FeatureBound((int) Math.min(Integer.MAX_VALUE, widest));
  }

  private static long longestSide(TensorProto weight) {
    return weight.getDimsList().stream().mapToLong(Long::longValue).max().orElse(0);
  }

  /** The most bytes of these tiles with a number of kinds of evidence. */
  long bytes(List<TiledImage> pictures, int kinds) {
    double rows = 0;
    for (TiledImage picture : pictures) {
      PatchLayout layout = picture.patchLayout();
      int edge = layout == null ? SMALLEST_PATCH : layout.patch();
      double patches =
          Math.ceil((double) picture.tileWidth() / edge)
              * Math.ceil((double) picture.tileHeight() / edge);
      rows += picture.tiles().size() * picture.frames() * (patches + OTHER_ROWS);
    }
    double ofRow = BYTES_OF_ROW + (double) Float.BYTES * widest * (1 + MOST_LAYERS * kinds);
    return (long) (HEADER + rows * ofRow);
  }
}
