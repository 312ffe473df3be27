package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds encoders that tell their layers the place of each patch, as rotary embeddings do. Such an
 * encoder computes places for all patches of a tile, so its layers cannot run on fewer.
 */
final class PatchPositions {

  private PatchPositions() {}

  /**
   * Checks that no input gives the layers the positions of patches.
   *
   * @param layers the tensors from the embeddings to the last layer
   * @throws IllegalArgumentException if they are; the message names the node
   */
  static void checkNone(GraphIndex index, Set<String> layers) {
    for (int number : index.order()) {
      NodeProto node = index.node(number);
      if (layers.contains(node.getOutput(0)) && rotates(index, layers, node)) {
        throw new IllegalArgumentException(
            "it gives each patch its place inside the layers (%s), so single patches can be neither left out nor merged"
                .formatted(Nodes.describe(node)));
      }
    }
  }

  private static boolean rotates(GraphIndex index, Set<String> layers, NodeProto node) {
    return node.getOpType().equals("RotaryEmbedding")
        || (Nodes.is(node, "Mul")
            && node.getInputList().stream()
                .anyMatch(input -> !layers.contains(input) && hasPlaces(index, input)));
  }

  /** Whether a tensor is computed from angles, or is a constant with a row for each patch. */
  private static boolean hasPlaces(GraphIndex index, String tensor) {
    if (index.initializer(tensor) != null) {
      return index.size(tensor, -1).orElse(1) > 1 && index.size(tensor, -2).orElse(1) > 1;
    }
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(Set.of(tensor));
    while (!open.isEmpty()) {
      NodeProto maker = index.maker(open.pop());
      if (maker != null && seen.add(maker.getOutput(0))) {
        if (Nodes.is(maker, "Cos") || Nodes.is(maker, "Sin")) {
          return true;
        }
        maker.getInputList().forEach(open::push);
      }
    }
    return false;
  }
}
