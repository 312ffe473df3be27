package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.graph.RotaryOperands.Operand;
import dev.squint.vision.onnx.proto.NodeProto;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Tensors that are computed from counted positions, computed from given ones: copies of the nodes
 * between the positions and the tensor.
 */
final class PlacedValues {

  private final GraphIndex index;
  private final GraphEditor editor;
  private final RotaryOperands search;
  private final LengthValues values;
  private final PlacedTables tables;
  private final Map<String, String> placed = new HashMap<>();
  private final Map<String, Boolean> affected = new HashMap<>();

  PlacedValues(GraphIndex index, GraphEditor editor, RotaryOperands search, LengthValues values) {
    this.index = index;
    this.editor = editor;
    this.search = search;
    this.values = values;
    this.tables = new PlacedTables(editor);
  }

  /**
   * What a node reads instead of an operand; the same if that does not depend on positions.
   *
   * @throws IllegalArgumentException if it follows no known pattern; the message names the node
   */
  String operand(Operand operand) {
    boolean ofRotation =
        index.node(operand.node()).getOpType().equals("RotaryEmbedding")
            && index.node(operand.node()).getInput(1).equals(operand.tensor());
    return ofRotation && values.kind(operand.tensor()) == LengthValues.Kind.FIRST
        ? GraphRewriter.POSITIONS
        : placed(operand.tensor());
  }

  private String placed(String tensor) {
    String known = placed.get(tensor);
    if (known == null) {
      known = computed(tensor);
      placed.put(tensor, known);
    }
    return known;
  }

  private String computed(String tensor) {
    if (!isAffected(tensor)) {
      if (search.dependsOnLengths(tensor) && !values.isFixed(tensor)) {
        throw new IllegalArgumentException(
            "it computes '%s' from the lengths of its inputs, but not as positions are"
                .formatted(tensor));
      }
      return tensor;
    }
    return switch (values.kind(tensor)) {
      case POSITIONS -> like(tensor, GraphRewriter.POSITIONS);
      case ROWS -> like(tensor, tables.rows(GraphRewriter.POSITIONS));
      case TOTAL -> like(tensor, total());
      case FIRST, OTHER -> copied(tensor);
    };
  }

  /** Whether positions or the number of tokens go into a tensor. */
  private boolean isAffected(String tensor) {
    Boolean known = affected.get(tensor);
    if (known == null) {
      boolean found =
          switch (values.kind(tensor)) {
            case POSITIONS, ROWS, TOTAL -> true;
            case FIRST, OTHER -> search.sources(tensor).stream().anyMatch(this::isAffected);
          };
      known = found;
      affected.put(tensor, known);
    }
    return known;
  }

  /** Numbers in the shape and type of a tensor. */
  private String like(String tensor, String numbers) {
    String shaped = editor.add("Reshape", List.of(numbers, editor.longs(values.shape(tensor))));
    int type = values.elementType(tensor);
    return type == GraphEditor.INT64
        ? shaped
        : editor.add("Cast", List.of(shaped), Nodes.attribute("to", type));
  }

  private String total() {
    String last =
        editor.add("ReduceMax", List.of(GraphRewriter.POSITIONS), Nodes.attribute("keepdims", 0));
    return editor.add("Add", List.of(last, editor.scalar(1L)));
  }

  private String copied(String tensor) {
    NodeProto maker = index.maker(tensor);
    if (maker == null) {
      throw new IllegalArgumentException(
          "it computes positions from its input '%s' in an unknown way".formatted(tensor));
    }
    if (Nodes.is(maker, "Slice") && !isAffected(maker.getInput(0))) {
      return sliced(maker);
    }
    Map<String, String> names =
        search.sources(tensor).stream()
            .distinct()
            .collect(Collectors.toMap(source -> source, this::placed));
    for (String output : maker.getOutputList()) {
      if (!output.isEmpty()) {
        names.put(output, editor.name("placed"));
      }
    }
    editor.add(Nodes.renamed(maker, names));
    return names.getOrDefault(tensor, tensor);
  }

  /** Rows of a table that is the same for all positions. */
  private String sliced(NodeProto slice) {
    String data = slice.getInput(0);
    String ends = slice.getInput(2);
    boolean ofNewTokens = values.kind(slice.getInput(1)) == LengthValues.Kind.FIRST;
    if (ofNewTokens) {
      String flat = editor.add("Reshape", List.of(GraphRewriter.POSITIONS, editor.longs(-1)));
      return editor.add("Gather", List.of(data, flat), Nodes.attribute("axis", axis(slice)));
    }
    if (search.dependsOnLengths(slice.getInput(1))
        || values.kind(ends) != LengthValues.Kind.TOTAL) {
      throw new IllegalArgumentException(
          "it takes rows of a table for its tokens by %s in an unknown way"
              .formatted(Nodes.describe(slice)));
    }
    String output = editor.name("placed");
    editor.add(Nodes.renamed(slice, Map.of(ends, placed(ends), slice.getOutput(0), output)));
    return output;
  }

  private long axis(NodeProto slice) {
    String axes = Nodes.input(slice, 3);
    long[] given = axes.isEmpty() ? new long[] {0} : index.longs(axes);
    if (given.length != 1) {
      throw new IllegalArgumentException(
          "%s cuts along the axes %s; known is one"
              .formatted(Nodes.describe(slice), Arrays.toString(given)));
    }
    return given[0];
  }
}
