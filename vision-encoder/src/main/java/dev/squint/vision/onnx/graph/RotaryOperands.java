package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the layers of a decoder combine queries and keys with between their projection and their
 * product, such as cosines and sines, and does not depend on the contents of tokens.
 */
final class RotaryOperands {

  /**
   * Parts of the names of operators that project, that measure what is projected, or that end the
   * layer before: the search goes no further back.
   */
  private static final List<String> PROJECTIONS =
      List.of("MatMul", "Gemm", "Conv", "DynamicQuantize", "Attention");

  /** Operators whose inputs from a number on say how to arrange the others. */
  private static final Map<String, Integer> ARRANGING =
      Map.ofEntries(
          Map.entry("Expand", 1),
          Map.entry("Reshape", 1),
          Map.entry("Unsqueeze", 1),
          Map.entry("Squeeze", 1),
          Map.entry("Tile", 1),
          Map.entry("Slice", 1),
          Map.entry("Split", 1),
          Map.entry("Pad", 1),
          Map.entry("ReduceMean", 1),
          Map.entry("ReduceSum", 1),
          Map.entry("ConstantOfShape", 0));

  private final GraphIndex index;
  private final HiddenTensors hidden;
  private final Map<String, Boolean> reaching = new HashMap<>();

  RotaryOperands(GraphIndex index, HiddenTensors hidden) {
    this.index = index;
    this.hidden = hidden;
  }

  /**
   * One of them.
   *
   * @param node number of the node that reads it
   * @param tensor its name
   */
  record Operand(int node, String tensor) {}

  /** The operands of queries or keys, as a layer multiplies them. */
  Set<Operand> of(String multiplied) {
    Set<Operand> operands = new LinkedHashSet<>();
    Set<String> seen = new LinkedHashSet<>(Set.of(multiplied));
    Deque<String> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      int number = index.producer(open.remove());
      if (number < 0 || PROJECTIONS.stream().anyMatch(index.node(number).getOpType()::contains)) {
        continue;
      }
      for (String input : arranged(index.node(number))) {
        if (hidden.contains(input)) {
          if (seen.add(input)) {
            open.add(input);
          }
        } else if (!index.inputs().containsKey(input) && dependsOnLengths(input)) {
          operands.add(new Operand(number, input));
        }
      }
    }
    return operands;
  }

  /** The inputs of a node that hold values, not the way to arrange them. */
  static List<String> arranged(NodeProto node) {
    int until = ARRANGING.getOrDefault(node.getOpType(), node.getInputCount());
    return node.getInputList().stream().limit(until).filter(input -> !input.isEmpty()).toList();
  }

  /** What a tensor that holds no contents of tokens is computed from, and may take over. */
  List<String> sources(String tensor) {
    NodeProto maker = index.maker(tensor);
    if (maker == null || Nodes.is(maker, "Shape")) {
      return List.of();
    }
    // The bounds of a slice may say which rows of a table belong to the tokens.
    List<String> read =
        Nodes.is(maker, "Slice") || Nodes.is(maker, "If")
            ? new ArrayList<>(Nodes.reads(maker))
            : arranged(maker);
    return read.stream().filter(this::dependsOnLengths).toList();
  }

  /** Whether a tensor is computed from inputs of the graph or their shapes. */
  boolean dependsOnLengths(String tensor) {
    Boolean known = reaching.get(tensor);
    if (known == null) {
      known = searched(tensor);
      reaching.put(tensor, known);
    }
    return known;
  }

  private boolean searched(String tensor) {
    if (index.inputs().containsKey(tensor)) {
      return true;
    }
    NodeProto maker = index.maker(tensor);
    if (maker == null) {
      return false;
    }
    if (Nodes.is(maker, "Shape") && hidden.contains(maker.getInput(0))) {
      return hidden.hasShapeOfEmbeddings(maker.getInput(0));
    }
    return Nodes.reads(maker).stream().anyMatch(this::dependsOnLengths);
  }
}
