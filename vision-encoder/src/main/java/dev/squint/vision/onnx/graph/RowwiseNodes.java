package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import java.util.Set;

/** Whether each row of a graph's result depends on one row of its input, by its operators. */
final class RowwiseNodes {

  /** Operators that work on each row, [D], or on each value alone. */
  private static final Set<String> ROWWISE =
      Set.of(
          "Add",
          "BiasGelu",
          "Cast",
          "Clip",
          "Constant",
          "DequantizeLinear",
          "Div",
          "Dropout",
          "DynamicQuantizeLinear",
          "DynamicQuantizeMatMul",
          "Erf",
          "Exp",
          "FastGelu",
          "FusedMatMul",
          "Gelu",
          "Identity",
          "LayerNormalization",
          "MatMul",
          "MatMulInteger",
          "MatMulIntegerToFloat",
          "MatMulNBits",
          "Mul",
          "Neg",
          "Pow",
          "QuantizeLinear",
          "QuickGelu",
          "RMSNormalization",
          "Relu",
          "Sigmoid",
          "SimplifiedLayerNormalization",
          // Leaves the CLS token out.
          "Slice",
          "Softplus",
          "Sqrt",
          "Sub",
          "Tanh");

  private static final Set<String> PRODUCTS =
      Set.of("MatMul", "MatMulInteger", "MatMulIntegerToFloat", "MatMulNBits", "FusedMatMul");

  private RowwiseNodes() {}

  /** Whether all nodes are known to work row by row. */
  static boolean are(GraphIndex index, GraphProto graph) {
    return graph.getNodeList().stream().allMatch(node -> isRowwise(index, node));
  }

  private static boolean isRowwise(GraphIndex index, NodeProto node) {
    boolean weighs = PRODUCTS.contains(node.getOpType()) || node.getOpType().startsWith("Dynamic");
    return ROWWISE.contains(node.getOpType())
        && (weighs || node.getInputList().stream().noneMatch(input -> hasRows(index, input)));
  }

  /** Whether a weight has one value for each of several rows, as position embeddings have. */
  private static boolean hasRows(GraphIndex index, String tensor) {
    TensorProto weight = index.initializer(tensor);
    return weight != null && weight.getDimsList().stream().filter(size -> size > 1).count() > 1;
  }
}
