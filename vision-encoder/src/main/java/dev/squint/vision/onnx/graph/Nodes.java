package dev.squint.vision.onnx.graph;

import com.google.protobuf.ByteString;
import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.AttributeProto.AttributeType;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.NodeProto;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads and makes single nodes. */
public final class Nodes {

  /** The domain of ONNX Runtime's own operators. */
  public static final String MICROSOFT = "com.microsoft";

  private Nodes() {}

  /** Whether the node is this operator of the default ONNX domain. */
  public static boolean is(NodeProto node, String type) {
    return node.getOpType().equals(type)
        && (node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx"));
  }

  /** Whether the node is this operator of ONNX Runtime's own domain. */
  static boolean isMicrosoft(NodeProto node, String type) {
    return node.getOpType().equals(type) && node.getDomain().equals(MICROSOFT);
  }

  /** Whether the node adds two tensors and normalizes the sum; the sum is output 3. */
  static boolean isSkipNorm(NodeProto node) {
    return isMicrosoft(node, "SkipSimplifiedLayerNormalization")
        || isMicrosoft(node, "SkipLayerNormalization");
  }

  /** The name of an input; empty if it is missing. */
  static String input(NodeProto node, int index) {
    return index < node.getInputCount() ? node.getInput(index) : "";
  }

  /** The name of an output; empty if it is missing. */
  static String output(NodeProto node, int index) {
    return index < node.getOutputCount() ? node.getOutput(index) : "";
  }

  /** The value of an integer attribute, or another value where it is absent. */
  public static long integer(NodeProto node, String attribute, long absent) {
    for (AttributeProto each : node.getAttributeList()) {
      if (each.getName().equals(attribute)) {
        return each.getI();
      }
    }
    return absent;
  }

  /** The value of a floating-point attribute, or another value where it is absent. */
  public static float real(NodeProto node, String attribute, float absent) {
    for (AttributeProto each : node.getAttributeList()) {
      if (each.getName().equals(attribute)) {
        return each.getF();
      }
    }
    return absent;
  }

  /** An integer attribute. */
  public static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setI(value).setType(AttributeType.INT).build();
  }

  static AttributeProto attribute(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setF(value)
        .setType(AttributeType.FLOAT)
        .build();
  }

  static AttributeProto attribute(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setS(ByteString.copyFromUtf8(value))
        .setType(AttributeType.STRING)
        .build();
  }

  static AttributeProto attribute(String name, List<Long> values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .addAllInts(values)
        .setType(AttributeType.INTS)
        .build();
  }

  /** The operator and name of a node, for messages. */
  static String describe(NodeProto node) {
    return "'%s' node '%s'".formatted(node.getOpType(), node.getName());
  }

  /** All tensors that a node reads: its inputs and the tensors that its sub-graphs capture. */
  static Set<String> reads(NodeProto node) {
    Set<String> reads = new LinkedHashSet<>(node.getInputList());
    reads.remove("");
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()) {
        reads.addAll(captures(attribute.getG()));
      }
      attribute.getGraphsList().forEach(graph -> reads.addAll(captures(graph)));
    }
    return reads;
  }

  private static Set<String> captures(GraphProto graph) {
    Set<String> captures = new LinkedHashSet<>();
    graph.getNodeList().forEach(node -> captures.addAll(reads(node)));
    graph.getOutputList().forEach(output -> captures.add(output.getName()));
    graph.getInputList().forEach(input -> captures.remove(input.getName()));
    graph.getInitializerList().forEach(tensor -> captures.remove(tensor.getName()));
    graph.getNodeList().forEach(node -> node.getOutputList().forEach(captures::remove));
    return captures;
  }

  /** The node with renamed tensors, also inside its sub-graphs. */
  static NodeProto renamed(NodeProto node, Map<String, String> names) {
    NodeProto.Builder changed = node.toBuilder();
    for (int i = 0; i < node.getInputCount(); i++) {
      changed.setInput(i, names.getOrDefault(node.getInput(i), node.getInput(i)));
    }
    for (int i = 0; i < node.getOutputCount(); i++) {
      changed.setOutput(i, names.getOrDefault(node.getOutput(i), node.getOutput(i)));
    }
    for (int i = 0; i < node.getAttributeCount(); i++) {
      AttributeProto attribute = node.getAttribute(i);
      if (attribute.hasG()) {
        changed.setAttribute(i, attribute.toBuilder().setG(renamed(attribute.getG(), names)));
      }
      for (int g = 0; g < attribute.getGraphsCount(); g++) {
        attribute =
            attribute.toBuilder().setGraphs(g, renamed(attribute.getGraphs(g), names)).build();
        changed.setAttribute(i, attribute);
      }
    }
    return changed.build();
  }

  private static GraphProto renamed(GraphProto graph, Map<String, String> names) {
    GraphProto.Builder changed = graph.toBuilder();
    for (int i = 0; i < graph.getNodeCount(); i++) {
      changed.setNode(i, renamed(graph.getNode(i), names));
    }
    for (int i = 0; i < graph.getOutputCount(); i++) {
      String name = graph.getOutput(i).getName();
      changed.setOutput(i, graph.getOutput(i).toBuilder().setName(names.getOrDefault(name, name)));
    }
    return changed.build();
  }
}
