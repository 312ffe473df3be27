package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;

/** Attention by one operator of ONNX Runtime. Its first output is the result of the attention. */
sealed interface OperatorSite extends AttentionSite permits GroupQuerySite, MultiHeadSite {

  /** The graph. */
  GraphIndex index();

  /** The operator. */
  default NodeProto proto() {
    return index().node(node());
  }

  @Override
  default String output() {
    return proto().getOutput(0);
  }

  /** Number of query heads. */
  default int heads() {
    return Math.toIntExact(Nodes.integer(proto(), "num_heads", 0));
  }

  @Override
  default void takePairs(GraphEditor editor, String pairs) {
    throw new IllegalArgumentException(
        Nodes.describe(proto())
            + " hides later tokens itself, so no input can show them; export the decoder with attention built from single operators (eager)");
  }

  @Override
  default String attention(GraphEditor editor, String rows) {
    throw new IllegalArgumentException(
        Nodes.describe(proto()) + " does not show its attention; tap its queries and keys instead");
  }
}
