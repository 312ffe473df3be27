package dev.squint.vision.onnx.quantize;

import dev.squint.vision.onnx.graph.Nodes;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Replaces the nodes of one graph and stores its constants. Used once. */
final class NodeReplacer {

  /** Fewer values cost more in scales and operators than they save. */
  private static final int FEWEST_VALUES = 1024;

  private static final long WHOLE = Integer.MAX_VALUE;

  private final GraphProto graph;
  private final StoredTensors stored;
  private final WeightFile file;
  private final QuantizedNodes nodes;

  NodeReplacer(GraphProto graph, StoredTensors stored, WeightFile file, QuantizedForm form) {
    this.graph = graph;
    this.stored = stored;
    this.file = file;
    this.nodes =
        form == QuantizedForm.DYNAMIC_8 ? new DynamicNodes(file) : new BlockNodes(file, form);
  }

  /** The graph in the new form. Its constants are in the file, except small ones. */
  GraphProto replace() throws IOException {
    GraphProto.Builder changed = graph.toBuilder().clearNode().clearInitializer();
    Set<String> read = new HashSet<>();
    for (NodeProto node : graph.getNodeList()) {
      List<NodeProto> replaced = replaced(node);
      changed.addAllNode(replaced);
      replaced.forEach(each -> addReads(each, read));
    }
    changed.addAllInitializer(nodes.constants());
    graph.getOutputList().forEach(output -> read.add(output.getName()));
    for (TensorProto tensor : graph.getInitializerList()) {
      if (read.contains(tensor.getName())) {
        changed.addInitializer(copied(tensor, stored, file));
      }
    }
    return changed.build();
  }

  /** Number of weights that have codes now. */
  int weights() {
    return nodes.weights();
  }

  /** Bytes of all constants of the graph as it was. */
  long bytesBefore() throws IOException {
    long bytes = 0;
    for (TensorProto tensor : graph.getInitializerList()) {
      bytes += Math.max(tensor.getFloatDataCount() * (long) Float.BYTES, length(tensor));
    }
    return bytes;
  }

  private long length(TensorProto tensor) throws IOException {
    return stored.bytes(tensor, WHOLE).stream().mapToLong(ByteBuffer::remaining).sum();
  }

  private List<NodeProto> replaced(NodeProto node) throws IOException {
    if (!Nodes.is(node, node.getOpType())) {
      return List.of(node); // Of another domain.
    }
    return switch (node.getOpType()) {
      case "MatMul" -> product(node, false);
      case "Gemm" ->
          isPlain(node) ? product(node, Nodes.integer(node, "transB", 0) == 1) : List.of(node);
      case "Gather" -> lookUp(node);
      default -> List.of(node);
    };
  }

  /** Whether a Gemm is a product and a sum without factors. */
  private static boolean isPlain(NodeProto node) {
    return Nodes.integer(node, "transA", 0) == 0
        && Nodes.real(node, "alpha", 1) == 1
        && Nodes.real(node, "beta", 1) == 1;
  }

  private List<NodeProto> product(NodeProto node, boolean transposed) throws IOException {
    Optional<WeightMatrix> weight = weight(node.getInput(1));
    return weight.isEmpty() ? List.of(node) : nodes.product(node, weight.get(), transposed);
  }

  private List<NodeProto> lookUp(NodeProto node) throws IOException {
    Optional<WeightMatrix> table =
        Nodes.integer(node, "axis", 0) == 0 ? weight(node.getInput(0)) : Optional.empty();
    return table.isEmpty() ? List.of(node) : nodes.lookUp(node, table.get());
  }

  private Optional<WeightMatrix> weight(String name) throws IOException {
    return stored
        .matrix(name)
        .filter(matrix -> (long) matrix.rows() * matrix.columns() >= FEWEST_VALUES);
  }

  /** A constant as it is, its bytes in another file if they are stored as such. */
  static TensorProto copied(TensorProto tensor, StoredTensors stored, WeightFile file)
      throws IOException {
    boolean bytes =
        tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL || tensor.hasRawData();
    return bytes
        ? file.store(
            tensor.getName(),
            tensor.getDataType(),
            tensor.getDimsList(),
            stored.bytes(tensor, WHOLE))
        : tensor;
  }

  /** Adds the tensors that a node reads, also those of graphs inside it. */
  static void addReads(NodeProto node, Set<String> read) {
    read.addAll(node.getInputList());
    node.getAttributeList()
        .forEach(
            attribute -> {
              addReads(attribute.getG(), read);
              attribute.getGraphsList().forEach(graph -> addReads(graph, read));
            });
  }

  private static void addReads(GraphProto graph, Set<String> read) {
    graph.getNodeList().forEach(node -> addReads(node, read));
    graph.getOutputList().forEach(output -> read.add(output.getName()));
  }
}
