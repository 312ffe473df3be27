package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Lets an encoder that takes patches (Qwen2-VL and later) be given some of a picture's patches.
 *
 * <p>Such a graph counts its patches, {@code Range(0, rows of pixel_values)}, and computes from
 * these numbers and the grid where each patch lies: angles of RoPE, position embeddings, windows
 * and masks. The numbers are replaced by the input {@link GraphRewriter#PATCH_ROWS}, so that every
 * given patch keeps its place. Numbers that only say which row of a table of angles belongs to a
 * token ({@code RotaryEmbedding}) stay as they are, since the table has the given patches alone.
 */
final class PatchIndex {

  /** Operators on the way from the shape of the pixels to the number of patches. */
  private static final Set<String> COUNTING =
      Set.of("Cast", "Gather", "Squeeze", "Unsqueeze", "Slice", "Identity", "Reshape");

  /** Operators on the way from the numbers to the operator that looks rows up by them. */
  private static final Set<String> ARRANGING =
      Set.of("Cast", "Unsqueeze", "Reshape", "Expand", "Identity", "Squeeze");

  private final GraphIndex index;
  private final GraphEditor editor;

  private PatchIndex(GraphIndex index) {
    this.index = index;
    this.editor = new GraphEditor(index.graph());
  }

  /**
   * Checks that a graph counts its patches.
   *
   * @throws IllegalArgumentException if it does not
   */
  static void check(GraphIndex index) {
    new PatchIndex(index).ranges();
  }

  /**
   * The graph with the input {@link GraphRewriter#PATCH_ROWS}.
   *
   * @throws IllegalArgumentException if it does not count its patches
   */
  static GraphProto open(GraphIndex index) {
    return new PatchIndex(index).opened();
  }

  private List<Integer> ranges() {
    List<Integer> ranges = new ArrayList<>();
    for (int number : index.order()) {
      NodeProto node = index.node(number);
      if (Nodes.is(node, "Range") && countsPixels(node.getInput(1))) {
        ranges.add(number);
      }
    }
    if (ranges.isEmpty()) {
      throw new IllegalArgumentException(
          "it does not count its patches by a Range over the rows of 'pixel_values', so single patches cannot be left out");
    }
    return ranges;
  }

  /** Whether a tensor is the number of rows of the pixels. */
  private boolean countsPixels(String tensor) {
    NodeProto maker = index.maker(tensor);
    while (maker != null && COUNTING.contains(maker.getOpType())) {
      maker = index.maker(maker.getInput(0));
    }
    return maker != null
        && Nodes.is(maker, "Shape")
        && maker.getInput(0).equals(GraphKind.VISION_ENCODER.source());
  }

  private GraphProto opened() {
    String rows = editor.input(GraphRewriter.PATCH_ROWS, GraphEditor.INT64, "patches");
    for (int range : ranges()) {
      String counted = index.node(range).getOutput(0);
      for (int reader : index.consumers(counted)) {
        if (!looksRowsUp(reader)) {
          NodeProto.Builder changed = editor.node(reader).toBuilder();
          for (int i = 0; i < changed.getInputCount(); i++) {
            if (changed.getInput(i).equals(counted)) {
              changed.setInput(i, rows);
            }
          }
          editor.replace(reader, changed.build());
        }
      }
    }
    return editor.build();
  }

  /** Whether a node only brings the numbers to operators that look up rows of angles. */
  private boolean looksRowsUp(int number) {
    NodeProto node = index.node(number);
    if (!ARRANGING.contains(node.getOpType())) {
      return false;
    }
    String given = node.getOutput(0);
    List<Integer> readers = index.consumers(given);
    return !readers.isEmpty()
        && readers.stream()
            .allMatch(
                reader ->
                    looksRowsUp(reader)
                        || (index.node(reader).getOpType().equals("RotaryEmbedding")
                            && index.node(reader).getInput(1).equals(given)));
  }
}
