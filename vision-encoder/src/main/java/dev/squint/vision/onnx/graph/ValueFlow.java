package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which tensors are computed from the values of which. Reading only the shape of a tensor is no
 * flow: masks are sized after the embeddings but do not depend on them.
 *
 * <p>A skip normalisation counts as two steps, the residual sum and its normalisation, also where
 * the graph does not give the sum.
 */
final class ValueFlow {

  private final GraphIndex index;
  private final Map<String, List<String>> next = new LinkedHashMap<>();
  private final Map<String, List<String>> previous = new HashMap<>();
  private final List<String> tensors = new ArrayList<>();

  ValueFlow(GraphIndex index) {
    this.index = index;
    index.inputs().keySet().forEach(this::tensor);
    for (int number : index.order()) {
      NodeProto node = index.node(number);
      if (Nodes.is(node, "Shape") || Nodes.is(node, "Size")) {
        node.getOutputList().forEach(this::tensor);
      } else if (Nodes.isSkipNorm(node)) {
        String sum = residualSum(node);
        tensor(sum);
        index.reads(number).forEach(read -> edge(read, sum));
        tensor(node.getOutput(0));
        edge(sum, node.getOutput(0));
      } else {
        for (String output : node.getOutputList()) {
          tensor(output);
          index.reads(number).forEach(read -> edge(read, output));
        }
      }
    }
  }

  /** The sum that a skip normalisation makes; a name of our own where the graph has none. */
  static String residualSum(NodeProto skipNorm) {
    String sum = Nodes.output(skipNorm, 3);
    return sum.isEmpty() ? skipNorm.getOutput(0) + "/residual_sum" : sum;
  }

  private void tensor(String name) {
    if (!name.isEmpty()) {
      tensors.add(name);
    }
  }

  private void edge(String from, String to) {
    if (index.initializer(from) == null && !to.isEmpty()) {
      next.computeIfAbsent(from, key -> new ArrayList<>()).add(to);
      previous.computeIfAbsent(to, key -> new ArrayList<>()).add(from);
    }
  }

  /** The tensor and all that are computed from it. */
  Set<String> from(String tensor) {
    return closure(tensor, next);
  }

  /** The tensor and all that it is computed from. */
  Set<String> into(String tensor) {
    return closure(tensor, previous);
  }

  private static Set<String> closure(String start, Map<String, List<String>> edges) {
    Set<String> reached = new HashSet<>(Set.of(start));
    List<String> open = new ArrayList<>(reached);
    while (!open.isEmpty()) {
      for (String name : edges.getOrDefault(open.remove(open.size() - 1), List.of())) {
        if (reached.add(name)) {
          open.add(name);
        }
      }
    }
    return reached;
  }

  /** All tensors, those that are read before those that are computed from them. */
  List<String> tensors() {
    return tensors;
  }

  /**
   * The tensors through which every value flows on the way from one tensor to another, in order.
   */
  List<String> separators(String from, String to) {
    Set<String> way = new HashSet<>(from(from));
    way.retainAll(into(to));
    List<String> ordered = tensors.stream().filter(way::contains).toList();
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < ordered.size(); i++) {
      places.put(ordered.get(i), i);
    }
    List<String> separators = new ArrayList<>();
    int reach = 0;
    for (int i = 0; i < ordered.size(); i++) {
      // In any order of the way, a tensor is on all paths if nothing before it is read after it.
      if (reach <= i) {
        separators.add(ordered.get(i));
      }
      for (String reader : next.getOrDefault(ordered.get(i), List.of())) {
        reach = Math.max(reach, places.getOrDefault(reader, 0));
      }
    }
    return separators;
  }
}
