package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Operations of products of rows with weights. A multiplication and an addition count as two. */
final class WeightProducts {

  /** Products of rows with weights, their second input. */
  private static final Set<String> PRODUCTS =
      Set.of("MatMul", "Gemm", "MatMulInteger", "MatMulIntegerToFloat", "DynamicQuantizeMatMul");

  /** Operators that leave the number of weights as it is. */
  private static final Set<String> PASSING =
      Set.of("Cast", "Identity", "Transpose", "DequantizeLinear");

  private WeightProducts() {}

  /** Operations for one row; 0 for a node that is no product with weights. */
  static double operations(GraphIndex index, NodeProto node) {
    if (node.getOpType().equals("MatMulNBits")) {
      return 2.0 * Nodes.integer(node, "K", 0) * Nodes.integer(node, "N", 0);
    }
    if (!PRODUCTS.contains(node.getOpType())) {
      return 0;
    }
    String weights = weights(index, Nodes.input(node, 1));
    return weights == null
        ? 0
        : 2.0 * index.size(weights, 0).orElse(0) * index.size(weights, 1).orElse(0);
  }

  /** The number of values of a row that a product with weights reads; empty for another node. */
  static OptionalLong inputs(GraphIndex index, NodeProto node) {
    if (node.getOpType().equals("MatMulNBits")) {
      return OptionalLong.of(Nodes.integer(node, "K", 0));
    }
    String tensor = Nodes.input(node, 1);
    if (!PRODUCTS.contains(node.getOpType()) || weights(index, tensor) == null) {
      return OptionalLong.empty();
    }
    boolean turned = Nodes.integer(node, "transB", 0) == 1;
    for (NodeProto maker = index.maker(tensor); maker != null; maker = index.maker(tensor)) {
      turned ^= Nodes.is(maker, "Transpose");
      tensor = maker.getInput(0);
    }
    return index.size(tensor, turned ? 1 : 0);
  }

  /** The constant that a tensor holds in another form; null if it is computed. */
  private static @Nullable String weights(GraphIndex index, String tensor) {
    if (index.initializer(tensor) != null) {
      return tensor;
    }
    NodeProto maker = index.maker(tensor);
    return maker != null && PASSING.contains(maker.getOpType())
        ? weights(index, maker.getInput(0))
        : null;
  }
}
