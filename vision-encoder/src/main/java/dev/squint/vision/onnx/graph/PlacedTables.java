package dev.squint.vision.onnx.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * RoPE tables of cosines and sines, [T, d], for operators that count cached and new tokens: row i
 * belongs to the position of the i-th token. Rows of cached tokens are never read. The rows of a
 * batch share one table, so they must have the same positions.
 */
final class PlacedTables {

  private static final long NO_POSITION = 1L << 40;

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
   * @param positions positions of the new tokens, [B, S], the same in all rows of a batch
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
    String row = sharedRow(positions);
    String shape = editor.add("Shape", List.of(GraphRewriter.MASK));
    String total = editor.add("Gather", List.of(shape, editor.longs(1)));
    String past = editor.add("Sub", List.of(total, editor.add("Shape", List.of(row))));
    String zeros = editor.zeros(past, GraphEditor.INT64);
    return editor.add("Concat", List.of(zeros, row), Nodes.attribute("axis", 0));
  }

  /**
   * The positions of all rows of a batch, [S], which have one table between them. Rows that differ
   * get positions that no table has, so the run fails instead of rotating by wrong positions.
   */
  private String sharedRow(String positions) {
    String first =
        editor.add("Gather", List.of(positions, editor.scalar(0L)), Nodes.attribute("axis", 0));
    String difference = editor.add("Sub", List.of(positions, first));
    String squared =
        editor.add("ReduceSumSquare", List.of(difference), Nodes.attribute("keepdims", 0));
    String outside = editor.add("Mul", List.of(squared, editor.scalar(NO_POSITION)));
    return editor.add("Add", List.of(first, outside));
  }
}
