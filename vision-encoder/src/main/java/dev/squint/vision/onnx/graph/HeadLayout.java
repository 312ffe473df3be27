package dev.squint.vision.onnx.graph;

import java.util.List;

/** Brings what attention operators take to the layout [B, heads, rows, d] of float. */
final class HeadLayout {

  private HeadLayout() {}

  /** From [B, S, heads * d]. */
  static String split(GraphEditor editor, String tensor, int heads) {
    String apart = editor.add("Reshape", List.of(tensor, editor.longs(0, 0, heads, -1)));
    return editor.add(
        "Transpose", List.of(apart), Nodes.attribute("perm", List.of(0L, 2L, 1L, 3L)));
  }

  /** The chosen rows; an empty name chooses all. */
  static String rows(GraphEditor editor, String tensor, String rows, int axis) {
    return rows.isEmpty()
        ? tensor
        : editor.add("Gather", List.of(tensor, rows), Nodes.attribute("axis", axis));
  }

  static String toFloat(GraphEditor editor, String tensor) {
    return editor.add("Cast", List.of(tensor), Nodes.attribute("to", GraphEditor.FLOAT));
  }

  /** Times the scale; 0 stands for 1 / sqrt(d). */
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
