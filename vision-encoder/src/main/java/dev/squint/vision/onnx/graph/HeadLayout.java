package dev.squint.vision.onnx.graph;

import java.util.List;

/** Converts the inputs of attention operators to the layout [B, heads, rows, d] of float. */
final class HeadLayout {

  private HeadLayout() {}

  /** Converts [B, S, heads * d] to [B, heads, S, d]. */
  static String split(GraphEditor editor, String tensor, int heads) {
    String apart = editor.add("Reshape", List.of(tensor, editor.longs(0, 0, heads, -1)));
    return editor.add(
        "Transpose", List.of(apart), Nodes.attribute("perm", List.of(0L, 2L, 1L, 3L)));
  }

  /** Selects rows; an empty name selects all. */
  static String rows(GraphEditor editor, String tensor, String rows, int axis) {
    return rows.isEmpty()
        ? tensor
        : editor.add("Gather", List.of(tensor, rows), Nodes.attribute("axis", axis));
  }

  static String toFloat(GraphEditor editor, String tensor) {
    return editor.add("Cast", List.of(tensor), Nodes.attribute("to", GraphEditor.FLOAT));
  }

  /** Multiplies queries by the scale; 0 means 1 / sqrt(d). */
  static String scaled(GraphEditor editor, String queries, float scale) {
    if (scale != 0) {
      return editor.add("Mul", List.of(queries, editor.scalar(scale)));
    }
    String shape = editor.add("Shape", List.of(queries));
    String size = editor.add("Gather", List.of(shape, editor.scalar(3L)));
    String root = editor.add("Sqrt", List.of(toFloat(editor, size)));
    return editor.add("Div", List.of(queries, root));
  }
}
