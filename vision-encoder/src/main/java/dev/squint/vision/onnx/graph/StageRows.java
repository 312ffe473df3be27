package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.util.List;
import java.util.Map;

/**
 * Lets the first and the last stage of an encoder select rows of hidden states themselves. Rows
 * that are not encoded are never copied out of the graph.
 */
final class StageRows {

  private static final String PREFIX = "squint/rows/";

  private StageRows() {}

  /**
   * A first stage that outputs the rows {@link GraphRewriter#KEPT_ROWS} alone, and how many there
   * are, {@link GraphRewriter#EMBEDDED_SHAPE}.
   *
   * @param output its output of hidden states, [B, S, D]
   */
  static GraphProto keeping(GraphProto stage, String output) {
    String all = PREFIX + "all";
    GraphEditor editor = renaming(stage, output, all);
    String kept =
        editor.input(GraphRewriter.KEPT_ROWS, GraphEditor.INT64, "batch_size", "kept_rows");
    editor.add("", "Gather", List.of(rows(editor, all), kept), List.of(output));
    String shape = GraphRewriter.EMBEDDED_SHAPE;
    editor.output(
        shape,
        editor.add("Shape", List.of(all)),
        GraphEditor.tensor(shape, GraphEditor.INT64, List.of("dimensions")));
    return editor.build();
  }

  /**
   * A last stage that takes any rows, and places them by {@link GraphRewriter#ROW_PLACES}.
   *
   * @param hidden its input of hidden states, [B, K, D]
   */
  static GraphProto placing(GraphProto stage, String hidden) {
    String placed = PREFIX + "placed";
    GraphEditor editor = renaming(stage, hidden, placed);
    String places =
        editor.input(GraphRewriter.ROW_PLACES, GraphEditor.INT64, "batch_size", "placed_rows");
    String rows = rows(editor, hidden);
    String width =
        editor.add("Gather", List.of(editor.add("Shape", List.of(rows)), editor.longs(1)));
    String one = editor.add("Concat", List.of(editor.longs(1), width), Nodes.attribute("axis", 0));
    String absent = editor.zeros(one, elementType(stage, hidden));
    String extended = editor.add("Concat", List.of(rows, absent), Nodes.attribute("axis", 0));
    editor.add("", "Gather", List.of(extended, places), List.of(placed));
    return editor.build();
  }

  /** The rows of all tiles, [B * S, D]. */
  private static String rows(GraphEditor editor, String hidden) {
    return editor.add("Flatten", List.of(hidden), Nodes.attribute("axis", 2));
  }

  private static GraphEditor renaming(GraphProto stage, String tensor, String name) {
    GraphProto.Builder renamed = stage.toBuilder().clearNode();
    for (NodeProto node : stage.getNodeList()) {
      renamed.addNode(Nodes.renamed(node, Map.of(tensor, name)));
    }
    return new GraphEditor(renamed.build(), PREFIX);
  }

  private static int elementType(GraphProto stage, String input) {
    return stage.getInputList().stream()
        .filter(info -> info.getName().equals(input))
        .map(ValueInfoProto::getType)
        .findFirst()
        .orElseThrow()
        .getTensorType()
        .getElemType();
  }
}
