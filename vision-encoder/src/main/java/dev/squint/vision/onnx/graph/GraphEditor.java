package dev.squint.vision.onnx.graph;

import com.google.protobuf.ByteString;
import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import dev.squint.vision.onnx.proto.TensorShapeProto;
import dev.squint.vision.onnx.proto.TypeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Edits a graph. Existing nodes keep their numbers. New nodes are appended in any order, because
 * the stages are sorted later.
 */
final class GraphEditor {

  static final int FLOAT = 1;
  static final int INT32 = 6;
  static final int INT64 = 7;
  static final int BOOL = 9;

  private static final String PREFIX = "squint/";

  private final GraphProto.Builder graph;
  private final String prefix;
  private int count;

  GraphEditor(GraphProto graph) {
    this(graph, PREFIX);
  }

  /** Edits a graph that is edited once more later: what is added has names that begin like this. */
  GraphEditor(GraphProto graph, String prefix) {
    this.graph = graph.toBuilder();
    this.prefix = prefix;
  }

  NodeProto node(int number) {
    return graph.getNode(number);
  }

  void replace(int number, NodeProto node) {
    graph.setNode(number, node);
  }

  /** Adds a node of the default ONNX domain and returns the name of its output. */
  String add(String type, List<String> inputs, AttributeProto... attributes) {
    return add("", type, inputs, attributes);
  }

  /** Adds a node of a domain and returns the name of its output. */
  String add(String domain, String type, List<String> inputs, AttributeProto... attributes) {
    String output = prefix + type + "_" + count++;
    add(domain, type, inputs, List.of(output), attributes);
    return output;
  }

  /** Adds a node with the given names of its outputs. */
  void add(
      String domain,
      String type,
      List<String> inputs,
      List<String> outputs,
      AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setName(outputs.get(0))
            .setDomain(domain)
            .setOpType(type)
            .addAllInput(inputs)
            .addAllOutput(outputs)
            .addAllAttribute(List.of(attributes)));
  }

  /** Adds a node under its own name. */
  void append(NodeProto node) {
    graph.addNode(node);
  }

  /** Adds a node. */
  void add(NodeProto node) {
    graph.addNode(node.toBuilder().setName(name(node.getOpType())));
  }

  /** Returns an unused name for a tensor. */
  String name(String label) {
    return prefix + label + "_" + count++;
  }

  /** A constant of rank 1. */
  String longs(long... values) {
    return longs(values, List.of((long) values.length));
  }

  /** A constant of rank 0. */
  String scalar(long value) {
    return longs(new long[] {value}, List.of());
  }

  private String longs(long[] values, List<Long> shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      bytes.putLong(value);
    }
    return constant(INT64, shape, ByteString.copyFrom(bytes.flip()));
  }

  /** Zeros of the shape of a tensor. */
  String zerosLike(String tensor, int type) {
    return zeros(add("Shape", List.of(tensor)), type);
  }

  /** Zeros of the shape that a tensor of rank 1 holds. */
  String zeros(String shape, int type) {
    TensorProto zero =
        TensorProto.newBuilder()
            .addDims(1)
            .setDataType(type)
            .setRawData(ByteString.copyFrom(new byte[bytes(type)]))
            .build();
    AttributeProto value =
        AttributeProto.newBuilder()
            .setName("value")
            .setT(zero)
            .setType(AttributeProto.AttributeType.TENSOR)
            .build();
    return add("ConstantOfShape", List.of(shape), value);
  }

  private static int bytes(int type) {
    return switch (type) {
      case FLOAT -> Float.BYTES;
      case INT64 -> Long.BYTES;
      default -> Short.BYTES;
    };
  }

  /** A constant of rank 0. */
  String scalar(float value) {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    return constant(FLOAT, List.of(), ByteString.copyFrom(bytes.putFloat(value).flip()));
  }

  private String constant(int type, List<Long> shape, ByteString bytes) {
    String name = name("constant");
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(type)
            .addAllDims(shape)
            .setRawData(bytes));
    return name;
  }

  /** Declares an input if the graph does not have it yet. */
  String input(String name, int type, String... symbols) {
    if (!hasInput(name)) {
      graph.addInput(tensor(name, type, List.of(symbols)));
    }
    return name;
  }

  boolean hasInput(String name) {
    return graph.getInputList().stream().anyMatch(input -> input.getName().equals(name));
  }

  /** Declares type and shape of a tensor inside the graph. */
  void declare(ValueInfoProto info) {
    graph.addValueInfo(info);
  }

  /** Makes a tensor an output with this name. */
  void output(String name, String tensor, ValueInfoProto declaration) {
    add("", "Identity", List.of(tensor), List.of(name));
    graph.addOutput(declaration);
  }

  /** The declaration of a tensor of unknown shape. */
  static ValueInfoProto tensor(String name, int type) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(type)))
        .build();
  }

  /** The declaration of a tensor with open dimensions. */
  static ValueInfoProto tensor(String name, int type, List<String> symbols) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    symbols.forEach(
        symbol -> shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(symbol)));
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
        .build();
  }

  GraphProto build() {
    return graph.build();
  }
}
