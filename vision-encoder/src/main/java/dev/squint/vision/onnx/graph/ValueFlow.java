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
 * The flow of values between the tensors of a graph. Reading only the shape of a tensor does not
 * count: masks have a size derived from the embeddings but do not depend on their values.
 *
 * <p>A skip normalization counts as two steps, the residual sum and its normalization, even if the
 * graph does not output the sum.
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

  /**
   * The name of the sum that a skip normalization computes; a generated name if the graph has none.
   */
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

  /** All tensors in topological order. */
  List<String> tensors() {
    return tensors;
  }

  /** The tensors on every path from one tensor to another, in order. */
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
      // In topological order, a tensor is on all paths if no earlier tensor is read after it.
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
