package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;
import java.util.Set;

/** Finds what the projection of keys gave, going back from where the keys meet the queries. */
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
   * @throws IllegalArgumentException if another operator stands on the way back
   */
  static String of(GraphIndex index, AttentionSite site) {
    String tensor = site.projectedKeys();
    while (true) {
      NodeProto maker = index.maker(tensor);
      if (maker == null) {
        throw new IllegalArgumentException(
            "has keys of %s that come from no projection but from '%s'"
                .formatted(Nodes.describe(index.node(site.node())), tensor));
      }
      if (PROJECTIONS.contains(maker.getOpType())
          || (Nodes.is(maker, "Add") && hasConstant(index, maker))
          || isDequantised(index, maker)) {
        return tensor;
      }
      // A rotation that is spelled out is x cos + turned(x) sin, x on the left.
      boolean rotation =
          Nodes.is(maker, "Add") || Nodes.is(maker, "Mul") || Nodes.is(maker, "Cast");
      if (!PASSED.contains(maker.getOpType()) && !rotation) {
        throw new IllegalArgumentException(
            "has %s between the keys of %s and their projection; known are %s"
                .formatted(Nodes.describe(maker), Nodes.describe(index.node(site.node())), PASSED));
      }
      tensor = maker.getInput(0);
    }
  }

  private static boolean hasConstant(GraphIndex index, NodeProto node) {
    return index.isConstant(node.getInput(0)) || index.isConstant(node.getInput(1));
  }

  /** Whether the node scales the result of an integer product. */
  private static boolean isDequantised(GraphIndex index, NodeProto node) {
    if (!Nodes.is(node, "Mul")) {
      return false;
    }
    NodeProto cast = index.maker(node.getInput(0));
    NodeProto product = cast == null ? null : index.maker(cast.getInput(0));
    return product != null && Nodes.is(product, "MatMulInteger");
  }
}
