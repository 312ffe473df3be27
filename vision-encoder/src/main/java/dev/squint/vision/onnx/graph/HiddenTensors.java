package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;
import java.util.HashSet;
import java.util.Set;

/**
 * The tensors of a decoder that depend on the contents of its tokens.
 *
 * @param layers of the decoder
 * @param all the embeddings and everything that is computed from their values
 */
record HiddenTensors(GraphIndex index, Layers layers, Set<String> all) {

  static HiddenTensors of(GraphIndex index, Layers layers) {
    return new HiddenTensors(
        index, layers, new HashSet<>(new ValueFlow(index).from(GraphKind.DECODER.source())));
  }

  boolean contains(String tensor) {
    return all.contains(tensor);
  }

  /**
   * A node that reads at most the shape of the embeddings.
   *
   * @return the node, or one that reads the same shape of the embeddings instead
   * @throws IllegalArgumentException if it reads more of the tokens
   */
  NodeProto shaped(NodeProto node) {
    for (String read : Nodes.reads(node)) {
      if (contains(read)) {
        if (!Nodes.is(node, "Shape") || !hasShapeOfEmbeddings(read)) {
          throw new IllegalArgumentException(
              "it computes positions with %s, which reads '%s', a tensor of the layers"
                  .formatted(Nodes.describe(node), read));
        }
        return node.toBuilder().setInput(0, GraphKind.DECODER.source()).build();
      }
    }
    return node;
  }

  boolean hasShapeOfEmbeddings(String tensor) {
    if (tensor.equals(GraphKind.DECODER.source()) || layers.residuals().contains(tensor)) {
      return true;
    }
    NodeProto maker = index.maker(tensor);
    return maker != null
        && StageCutter.ELEMENTWISE.contains(maker.getOpType())
        && maker.getInputList().stream()
            .anyMatch(input -> contains(input) && hasShapeOfEmbeddings(input));
  }
}
