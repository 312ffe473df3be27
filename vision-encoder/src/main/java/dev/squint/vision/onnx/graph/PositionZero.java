package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a decoder computes from its position ids, such as cosines, as it is for tokens at position
 * 0: copies of the nodes between the position ids and the tensor. What is chosen by the number of
 * tokens, such as one of two tables, and what says how to arrange a tensor stays as it is.
 */
final class PositionZero {

  /** Operators whose result says something about all tokens, not about the position of each. */
  private static final Set<String> OF_ALL = Set.of("Shape", "Size", "ReduceMax");

  /** Operators whose first input chooses between the others. */
  private static final Set<String> CHOOSING = Set.of("If", "Where");

  /** Operators that count on from a number: their results are not those of one position. */
  private static final Set<String> COUNTING = Set.of("Range", "CumSum");

  private final GraphIndex index;
  private final GraphEditor editor;
  private final Map<String, String> copies = new HashMap<>();

  /**
   * For a graph.
   *
   * @param index the graph as edited so far
   */
  PositionZero(GraphIndex index, GraphEditor editor) {
    this.index = index;
    this.editor = editor;
  }

  /**
   * The tensor at position 0, in the same shape.
   *
   * @throws IllegalArgumentException if it is not computed from position ids, or by counting
   */
  String of(String tensor) {
    String copy = copy(tensor);
    if (copy.equals(tensor)) {
      throw new IllegalArgumentException(
          "it applies RoPE by '%s', which is not computed from '%s', so its attention without RoPE cannot be computed; methods that do not need it work"
              .formatted(tensor, GraphRewriter.POSITIONS));
    }
    return copy;
  }

  /**
   * Position ids of 0 for an operator that applies RoPE.
   *
   * @param positions what it reads now, [B, S]; one number would be where it counts from
   */
  String ids(String positions) {
    ValueInfoProto given = index.inputs().get(GraphRewriter.POSITIONS);
    boolean perToken =
        given != null && given.getType().getTensorType().getShape().getDimCount() == 2;
    return perToken ? copy(GraphRewriter.POSITIONS) : of(positions);
  }

  private String copy(String tensor) {
    String known = copies.get(tensor);
    if (known == null) {
      known = copied(tensor);
      copies.put(tensor, known);
    }
    return known;
  }

  private String copied(String tensor) {
    if (tensor.equals(GraphRewriter.POSITIONS)) {
      return editor.zerosLike(tensor, GraphEditor.INT64);
    }
    NodeProto maker = index.maker(tensor);
    if (maker == null) {
      return tensor;
    }
    Map<String, String> names = new HashMap<>();
    for (String read : followed(maker)) {
      String copy = copy(read);
      if (!copy.equals(read)) {
        names.put(read, copy);
      }
    }
    if (names.isEmpty()) {
      return tensor;
    }
    if (COUNTING.contains(maker.getOpType())) {
      throw new IllegalArgumentException(
          "it counts positions in %s, so its attention without RoPE cannot be computed; methods that do not need it work"
              .formatted(Nodes.describe(maker)));
    }
    return add(maker, names).getOrDefault(tensor, tensor);
  }

  /** The inputs that hold values of tokens. */
  private static List<String> followed(NodeProto node) {
    if (OF_ALL.contains(node.getOpType())) {
      return List.of();
    }
    List<String> read =
        new ArrayList<>(Nodes.is(node, "If") ? Nodes.reads(node) : RotaryOperands.arranged(node));
    if (CHOOSING.contains(node.getOpType())) {
      read.remove(node.getInput(0));
    }
    return read;
  }

  /** Adds the node with other inputs; returns the names of its outputs too. */
  private Map<String, String> add(NodeProto node, Map<String, String> inputs) {
    Map<String, String> names = new HashMap<>(inputs);
    for (String output : node.getOutputList()) {
      if (!output.isEmpty()) {
        names.put(output, editor.name("zero"));
        copies.put(output, names.get(output));
      }
    }
    // Other nodes may read the same tensors, such as one that takes their shape.
    List<String> followed = followed(node);
    NodeProto.Builder copy = Nodes.renamed(node, names).toBuilder();
    for (int i = 0; i < node.getInputCount(); i++) {
      boolean chooses = i == 0 && CHOOSING.contains(node.getOpType());
      if (chooses || !followed.contains(node.getInput(i))) {
        copy.setInput(i, node.getInput(i));
      }
    }
    editor.add(copy.build());
    return names;
  }
}
