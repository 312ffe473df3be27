package dev.squint.vision.onnx.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * RoPE tables of cosines and sines, [T, d], for operators that count cached and new tokens: row i
 * belongs to the position of the i-th token. Rows of cached tokens are never read.
 */
final class PlacedTables {

  private final GraphEditor editor;
  private final Map<String, String> rows = new HashMap<>();
  private final Map<String, String> tables = new HashMap<>();

  PlacedTables(GraphEditor editor) {
    this.editor = editor;
  }

  /**
   * Reorders the rows of a table into the order in which the operator counts.
   *
   * @param table rows of all positions, [P, d]
   * @param positions positions of the new tokens, [1, S]
   */
  String of(String table, String positions) {
    String places = rows(positions);
    return tables.computeIfAbsent(
        table + " " + positions,
        key -> editor.add("Gather", List.of(table, places), Nodes.attribute("axis", 0)));
  }

  /** Zeros for the cached tokens, then the positions of the new tokens, [T]. */
  String rows(String positions) {
    return rows.computeIfAbsent(positions, this::places);
  }

  private String places(String positions) {
    String flat = editor.add("Reshape", List.of(positions, editor.longs(-1)));
    String shape = editor.add("Shape", List.of(GraphRewriter.MASK));
    String total = editor.add("Gather", List.of(shape, editor.longs(1)));
    String past = editor.add("Sub", List.of(total, editor.add("Shape", List.of(flat))));
    String zeros = editor.zeros(past, GraphEditor.INT64);
    return editor.add("Concat", List.of(zeros, flat), Nodes.attribute("axis", 0));
  }
}
