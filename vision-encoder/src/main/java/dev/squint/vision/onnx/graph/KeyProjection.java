package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;
import java.util.Set;

/** Finds the output of the key projection by going back from the product of queries and keys. */
final class KeyProjection {

  private static final Set<String> PASSED =
      Set.of(
          "Reshape",
          "Transpose",
          "Unsqueeze",
          "Squeeze",
          "Identity",
          "RotaryEmbedding",
          "SimplifiedLayerNormalization",
          "LayerNormalization",
          "RMSNormalization");

  private static final Set<String> PROJECTIONS =
      Set.of("MatMul", "MatMulNBits", "Gemm", "Split", "Slice");

  private KeyProjection() {}

  /**
   * The tensor of projected keys, with their bias.
   *
   * @throws IllegalArgumentException if there is an unknown operator on the path back
   */
  static String of(GraphIndex index, AttentionSite site) {
    String tensor = site.projectedKeys();
    while (true) {
      NodeProto maker = index.maker(tensor);
      if (maker == null) {
        throw new IllegalArgumentException(
            "it has keys of %s that are not the output of a projection but come from '%s'"
                .formatted(Nodes.describe(index.node(site.node())), tensor));
      }
      if (PROJECTIONS.contains(maker.getOpType())
          || (Nodes.is(maker, "Add") && hasConstant(index, maker))
          || isDequantised(index, maker)) {
        return tensor;
      }
      // RoPE in single operators is x cos + rotated(x) sin, with x on the left.
      boolean rotation =
          Nodes.is(maker, "Add") || Nodes.is(maker, "Mul") || Nodes.is(maker, "Cast");
      if (!PASSED.contains(maker.getOpType()) && !rotation) {
        throw new IllegalArgumentException(
            "it has %s between the keys of %s and their projection; supported are %s"
                .formatted(Nodes.describe(maker), Nodes.describe(index.node(site.node())), PASSED));
      }
      tensor = maker.getInput(0);
    }
  }

  private static boolean hasConstant(GraphIndex index, NodeProto node) {
    return index.isConstant(node.getInput(0)) || index.isConstant(node.getInput(1));
  }

  /** Whether the node scales the output of an integer product. */
  private static boolean isDequantised(GraphIndex index, NodeProto node) {
    if (!Nodes.is(node, "Mul")) {
      return false;
    }
    NodeProto cast = index.maker(node.getInput(0));
    NodeProto product = cast == null ? null : index.maker(cast.getInput(0));
    return product != null && Nodes.is(product, "MatMulInteger");
  }
}
