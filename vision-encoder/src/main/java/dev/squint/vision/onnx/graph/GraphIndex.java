package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import dev.squint.vision.onnx.proto.TypeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Maps each tensor of a graph to the node that produces it and the nodes that read it. Node numbers
 * follow the graph's list. Tensors that a sub-graph captures count as inputs of its node.
 */
final class GraphIndex {

  /** Operators whose output type differs from the type of their first input. */
  private static final Set<String> OF_OTHER_TYPE =
      Set.of("Shape", "Size", "Equal", "Less", "Greater", "MatMulInteger", "NonZero", "ArgMax");

  private final GraphProto graph;
  private final Map<String, Integer> producers = new HashMap<>();
  private final Map<String, List<Integer>> consumers = new HashMap<>();
  private final Map<String, TensorProto> initializers = new HashMap<>();
  private final Map<String, ValueInfoProto> declared = new HashMap<>();
  private final Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();
  private final Map<String, ValueInfoProto> outputs = new LinkedHashMap<>();
  private final List<Set<String>> reads = new ArrayList<>();
  private final List<Integer> order;

  /**
   * Indexes a graph.
   *
   * @throws IllegalArgumentException if a node reads a tensor that no node produces, or the graph
   *     has a cycle
   */
  GraphIndex(GraphProto graph) {
    this.graph = graph;
    graph.getInitializerList().forEach(tensor -> initializers.put(tensor.getName(), tensor));
    graph.getValueInfoList().forEach(info -> declared.put(info.getName(), info));
    for (ValueInfoProto input : graph.getInputList()) {
      declared.put(input.getName(), input);
      // Before IR version 4, every initializer was also listed as an input.
      if (!initializers.containsKey(input.getName())) {
        inputs.put(input.getName(), input);
      }
    }
    for (ValueInfoProto output : graph.getOutputList()) {
      declared.put(output.getName(), output);
      outputs.put(output.getName(), output);
    }
    for (int i = 0; i < graph.getNodeCount(); i++) {
      reads.add(Nodes.reads(graph.getNode(i)));
      for (String output : graph.getNode(i).getOutputList()) {
        producers.put(output, i);
      }
      for (String name : reads.get(i)) {
        consumers.computeIfAbsent(name, key -> new ArrayList<>()).add(i);
      }
    }
    this.order = sort();
  }

  private List<Integer> sort() {
    int[] missing = new int[reads.size()];
    Deque<Integer> ready = new ArrayDeque<>();
    for (int i = 0; i < missing.length; i++) {
      for (String name : reads.get(i)) {
        if (producers.containsKey(name)) {
          missing[i]++;
        } else if (!inputs.containsKey(name) && !initializers.containsKey(name)) {
          throw new IllegalArgumentException(
              "%s reads '%s', which no node produces"
                  .formatted(Nodes.describe(graph.getNode(i)), name));
        }
      }
      if (missing[i] == 0) {
        ready.add(i);
      }
    }
    List<Integer> sorted = new ArrayList<>();
    while (!ready.isEmpty()) {
      int next = ready.remove();
      sorted.add(next);
      for (String output : graph.getNode(next).getOutputList()) {
        for (int consumer : consumers(output)) {
          if (--missing[consumer] == 0) {
            ready.add(consumer);
          }
        }
      }
    }
    if (sorted.size() < missing.length) {
      throw new IllegalArgumentException("the graph has a cycle of nodes");
    }
    return sorted;
  }

  GraphProto graph() {
    return graph;
  }

  /** Numbers of all nodes in topological order. */
  List<Integer> order() {
    return order;
  }

  NodeProto node(int number) {
    return graph.getNode(number);
  }

  /** All tensors that a node reads. */
  Set<String> reads(int number) {
    return reads.get(number);
  }

  /** Number of the node that produces a tensor; -1 for an input or initializer. */
  int producer(String tensor) {
    return producers.getOrDefault(tensor, -1);
  }

  /** The node that produces a tensor; null for an input or initializer. */
  @Nullable NodeProto maker(String tensor) {
    Integer number = producers.get(tensor);
    return number == null ? null : node(number);
  }

  /** Numbers of the nodes that read a tensor. */
  List<Integer> consumers(String tensor) {
    return consumers.getOrDefault(tensor, List.of());
  }

  /** The inputs that need a value, in order. */
  Map<String, ValueInfoProto> inputs() {
    return inputs;
  }

  /** The outputs, in order. */
  Map<String, ValueInfoProto> outputs() {
    return outputs;
  }

  @Nullable TensorProto initializer(String name) {
    return initializers.get(name);
  }

  /**
   * Whether a tensor is the same in every run: an initializer, or computed only from initializers.
   */
  boolean isConstant(String tensor) {
    if (initializers.containsKey(tensor)) {
      return true;
    }
    NodeProto maker = maker(tensor);
    if (maker == null) {
      return false;
    }
    boolean passedOn = Nodes.is(maker, "Identity") || Nodes.is(maker, "Cast");
    return Nodes.is(maker, "Constant") || (passedOn && isConstant(maker.getInput(0)));
  }

  /**
   * The numbers of a constant of 64 bits each.
   *
   * @throws IllegalArgumentException if it is not such a constant
   */
  long[] longs(String tensor) {
    TensorProto constant = initializers.get(tensor);
    NodeProto maker = maker(tensor);
    if (constant == null && maker != null && Nodes.is(maker, "Constant")) {
      constant =
          maker.getAttributeList().stream()
              .filter(AttributeProto::hasT)
              .map(AttributeProto::getT)
              .findFirst()
              .orElse(null);
    }
    if (constant == null || constant.getDataType() != GraphEditor.INT64) {
      throw new IllegalArgumentException("'%s' is no constant of whole numbers".formatted(tensor));
    }
    LongBuffer raw =
        constant.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    long[] numbers = new long[raw.remaining()];
    raw.get(numbers);
    return numbers.length > 0
        ? numbers
        : constant.getInt64DataList().stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * The size of a tensor's dimension if the graph says it, by a constant, by all tensors that an
   * {@code If} chooses from, or by a declaration. Negative dimensions count from the end.
   */
  OptionalLong size(String tensor, int dimension) {
    TensorProto initializer = initializers.get(tensor);
    if (initializer != null) {
      return size(initializer, dimension);
    }
    NodeProto maker = maker(tensor);
    if (maker != null && Nodes.is(maker, "If")) {
      return chosenSize(maker, maker.getOutputList().indexOf(tensor), dimension);
    }
    ValueInfoProto info = declared.get(tensor);
    return info == null ? OptionalLong.empty() : size(info, dimension);
  }

  private static OptionalLong chosenSize(NodeProto choice, int output, int dimension) {
    List<OptionalLong> sizes =
        choice.getAttributeList().stream()
            .filter(AttributeProto::hasG)
            .map(branch -> resultSize(branch.getG(), output, dimension))
            .distinct()
            .toList();
    return sizes.size() == 1 ? sizes.get(0) : OptionalLong.empty();
  }

  private static OptionalLong resultSize(GraphProto branch, int output, int dimension) {
    String name = branch.getOutput(output).getName();
    Stream<TensorProto> constants =
        branch.getNodeList().stream()
            .filter(node -> Nodes.is(node, "Constant") && node.getOutput(0).equals(name))
            .flatMap(node -> node.getAttributeList().stream())
            .filter(AttributeProto::hasT)
            .map(AttributeProto::getT);
    return Stream.concat(
            branch.getInitializerList().stream().filter(tensor -> tensor.getName().equals(name)),
            constants)
        .findFirst()
        .map(tensor -> size(tensor, dimension))
        .orElseGet(() -> size(branch.getOutput(output), dimension));
  }

  private static OptionalLong size(TensorProto tensor, int dimension) {
    int at = dimension < 0 ? tensor.getDimsCount() + dimension : dimension;
    return at >= 0 && at < tensor.getDimsCount()
        ? OptionalLong.of(tensor.getDims(at))
        : OptionalLong.empty();
  }

  private static OptionalLong size(ValueInfoProto info, int dimension) {
    var shape = info.getType().getTensorType().getShape();
    int at = dimension < 0 ? shape.getDimCount() + dimension : dimension;
    return at >= 0 && at < shape.getDimCount() && shape.getDim(at).hasDimValue()
        ? OptionalLong.of(shape.getDim(at).getDimValue())
        : OptionalLong.empty();
  }

  /**
   * The ONNX element type of a tensor: the declared type, or else the type found by going back
   * through operators that keep it.
   *
   * @throws IllegalArgumentException if the type cannot be determined
   */
  int elementType(String tensor) {
    String name = tensor;
    while (true) {
      ValueInfoProto info = declared.get(name);
      TypeProto type = info == null ? TypeProto.getDefaultInstance() : info.getType();
      if (type.hasTensorType() && type.getTensorType().getElemType() != 0) {
        return type.getTensorType().getElemType();
      }
      TensorProto initializer = initializers.get(name);
      if (initializer != null) {
        return initializer.getDataType();
      }
      NodeProto maker = maker(name);
      if (maker == null || OF_OTHER_TYPE.contains(maker.getOpType())) {
        throw new IllegalArgumentException(
            "the element type of '%s' cannot be determined".formatted(tensor));
      }
      if (Nodes.is(maker, "Cast")) {
        return Math.toIntExact(Nodes.integer(maker, "to", 0));
      }
      // A weight is not used here, because dequantized weights are listed with their stored type.
      int source = Nodes.is(maker, "Where") || Nodes.is(maker, "DequantizeLinear") ? 1 : 0;
      name = maker.getInput(source);
    }
  }
}
