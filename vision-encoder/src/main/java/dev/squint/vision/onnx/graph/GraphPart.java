package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The part of a graph that computes, from one of its inputs alone, what it mixes with the rest. */
final class GraphPart {

  /** Operators that change the layout of a tensor and not its values. */
  private static final Set<String> LAYOUT =
      Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Identity");

  private final GraphIndex index;
  private final Map<String, Set<String>> sources = new HashMap<>();

  private GraphPart(GraphProto graph) {
    this.index = new GraphIndex(graph);
    index.inputs().keySet().forEach(input -> sources.put(input, Set.of(input)));
    for (int number : index.order()) {
      NodeProto node = index.node(number);
      Set<String> read = new HashSet<>();
      // What reads a shape alone does not depend on the values.
      if (!Nodes.is(node, "Shape") && !Nodes.is(node, "Size")) {
        index.reads(number).forEach(name -> read.addAll(sourcesOf(name)));
      }
      node.getOutputList().forEach(output -> sources.put(output, read));
    }
  }

  /**
   * The part as a graph of its own.
   *
   * @param input the only input of the part
   * @param output the name of its only output
   * @throws IllegalArgumentException if the graph has no such input, or mixes more than one tensor
   *     of it with others; the message names them
   */
  static GraphProto of(GraphProto graph, String input, String output) {
    GraphPart part = new GraphPart(graph);
    if (!part.index.inputs().containsKey(input)) {
      throw new IllegalArgumentException(
          "the graph has no input '%s'; it takes %s"
              .formatted(input, part.index.inputs().keySet()));
    }
    List<String> mixed = part.mixed(Set.of(input));
    if (mixed.size() != 1) {
      throw new IllegalArgumentException(
          "of '%s' the graph mixes %s with its other inputs; Squint can separate exactly one tensor"
              .formatted(input, mixed));
    }
    return part.upTo(part.withoutLayout(mixed.get(0)), input, output);
  }

  private Set<String> sourcesOf(String tensor) {
    return sources.getOrDefault(tensor, Set.of());
  }

  /** Tensors that come from this input alone and are read together with others. */
  private List<String> mixed(Set<String> own) {
    return index.order().stream()
        .flatMap(number -> index.node(number).getOutputList().stream())
        .filter(tensor -> sourcesOf(tensor).equals(own))
        .filter(
            tensor ->
                index.consumers(tensor).stream()
                    .flatMap(number -> index.node(number).getOutputList().stream())
                    .anyMatch(read -> !own.containsAll(sourcesOf(read))))
        .toList();
  }

  private String withoutLayout(String tensor) {
    String name = tensor;
    NodeProto maker = index.maker(name);
    while (maker != null && LAYOUT.contains(maker.getOpType())) {
      name = maker.getInput(0);
      maker = index.maker(name);
    }
    return name;
  }

  private GraphProto upTo(String tensor, String input, String output) {
    Set<Integer> nodes = new HashSet<>();
    Set<String> read = new HashSet<>();
    collect(tensor, nodes, read);
    for (String other : index.inputs().keySet()) {
      if (read.contains(other) && !other.equals(input)) {
        throw new IllegalArgumentException(
            "the graph computes '%s' from '%s' and '%s'".formatted(tensor, input, other));
      }
    }
    GraphProto.Builder part = GraphProto.newBuilder().setName(output);
    part.addInput(index.inputs().get(input));
    index.graph().getInitializerList().stream()
        .filter(initializer -> read.contains(initializer.getName()))
        .forEach(part::addInitializer);
    index.order().stream().filter(nodes::contains).map(index::node).forEach(part::addNode);
    index.graph().getValueInfoList().stream()
        .filter(info -> read.contains(info.getName()))
        .forEach(part::addValueInfo);
    GraphEditor editor = new GraphEditor(part.build());
    editor.output(output, tensor, GraphEditor.tensor(output, resultType()));
    return editor.build();
  }

  /** All graphs of this kind return floats of one type. */
  private int resultType() {
    ValueInfoProto result = index.outputs().values().iterator().next();
    return result.getType().getTensorType().getElemType();
  }

  private void collect(String tensor, Set<Integer> nodes, Set<String> read) {
    Deque<String> open = new ArrayDeque<>(Set.of(tensor));
    while (!open.isEmpty()) {
      String next = open.pop();
      int maker = index.producer(next);
      if (read.add(next) && maker >= 0 && nodes.add(maker)) {
        open.addAll(index.reads(maker));
      }
    }
  }
}
