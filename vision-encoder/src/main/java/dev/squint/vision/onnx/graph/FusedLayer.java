package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The tensors between which a layer's attention, built from single operators, can be replaced.
 *
 * @param layer index, from 0
 * @param site the attention
 * @param keys number of the Concat of cached and new keys
 * @param values number of the Concat of cached and new values
 * @param output number of the Reshape that puts the heads side by side, [B, S, H d]
 * @param heads query heads, H
 * @param keyHeads key heads
 * @param headSize values of a head, d
 */
record FusedLayer(
    int layer,
    SpelledOutSite site,
    int keys,
    int values,
    int output,
    int heads,
    int keyHeads,
    int headSize) {

  /** The operator takes heads of multiples of this size. */
  private static final int HEAD_STEP = 8;

  /** Operators between the attention and the product with the weights of its output. */
  private static final Set<String> BEFORE_PRODUCT =
      Set.of("Cast", "Identity", "DynamicQuantizeLinear", "QuantizeLinear", "DequantizeLinear");

  /**
   * Finds them.
   *
   * @throws IllegalArgumentException if the attention follows another pattern; the message names
   *     the node
   */
  static FusedLayer of(GraphIndex index, AttentionSite site, int layer) {
    if (!(site instanceof SpelledOutSite spelled)) {
      throw new IllegalArgumentException(
          "layer %d has %s".formatted(layer, Nodes.describe(index.node(site.node()))));
    }
    int keys = joined(index, layer, "key");
    int values = joined(index, layer, "value");
    String past = index.node(keys).getInput(0);
    int keyHeads = size(index, past, 1);
    int headSize = size(index, past, 3);
    if (headSize % HEAD_STEP != 0) {
      throw new IllegalArgumentException(
          "it has heads of %d values, but GroupQueryAttention takes multiples of %d"
              .formatted(headSize, HEAD_STEP));
    }
    int output = sideBySide(index, site.output());
    long width = width(index, index.node(output).getOutput(0));
    if (width == 0 || width % headSize != 0) {
      throw new IllegalArgumentException(
          "it has heads of %d values, but no product with weights of a multiple of them reads %s"
              .formatted(headSize, Nodes.describe(index.node(output))));
    }
    return new FusedLayer(
        layer,
        spelled,
        keys,
        values,
        output,
        Math.toIntExact(width / headSize),
        keyHeads,
        headSize);
  }

  /** The Concat of the cached rows and the new ones, of float. */
  private static int joined(GraphIndex index, int layer, String kind) {
    String present = "present.%d.%s".formatted(layer, kind);
    String past = "past_key_values.%d.%s".formatted(layer, kind);
    int number = index.producer(present);
    ValueInfoProto input = index.inputs().get(past);
    if (number < 0
        || input == null
        || input.getType().getTensorType().getElemType() != GraphEditor.FLOAT
        || !Nodes.is(index.node(number), "Concat")
        || index.node(number).getInputCount() != 2
        || !index.node(number).getInput(0).equals(past)) {
      throw new IllegalArgumentException(
          "'%s' is no Concat of '%s' and new rows of 32-bit floats".formatted(present, past));
    }
    return number;
  }

  private static int size(GraphIndex index, String past, int dimension) {
    return Math.toIntExact(
        index.size(past, dimension).stream()
            .filter(size -> size > 0)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "it does not declare the sizes of '%s'".formatted(past))));
  }

  /** The node that puts the heads side by side: a Transpose and a Reshape follow the attention. */
  private static int sideBySide(GraphIndex index, String attended) {
    String tensor = attended;
    for (String expected : List.of("Transpose", "Reshape")) {
      List<Integer> readers = index.consumers(tensor);
      if (readers.size() != 1 || !Nodes.is(index.node(readers.get(0)), expected)) {
        throw new IllegalArgumentException(
            "'%s' is not read by one %s alone".formatted(tensor, expected));
      }
      tensor = index.node(readers.get(0)).getOutput(0);
    }
    return index.producer(tensor);
  }

  /** Columns of a tensor that a product with weights reads; 0 if they are not found. */
  private static long width(GraphIndex index, String tensor) {
    for (int reader : index.consumers(tensor)) {
      NodeProto node = index.node(reader);
      OptionalLong rows = WeightProducts.inputs(index, node);
      if (rows.isPresent()) {
        return rows.getAsLong();
      }
      if (BEFORE_PRODUCT.contains(node.getOpType())) {
        long width = width(index, node.getOutput(0));
        if (width > 0) {
          return width;
        }
      }
    }
    return 0;
  }

  /** The queries as they are multiplied with the keys, [B, H, S, d]. */
  String queries(GraphIndex index) {
    return index.node(site.scores()).getInput(0);
  }

  /** The keys of the new tokens, [B, key heads, S, d]. */
  String newKeys(GraphIndex index) {
    return index.node(keys).getInput(1);
  }

  /** The values of the new tokens, [B, key heads, S, d]. */
  String newValues(GraphIndex index) {
    return index.node(values).getInput(1);
  }

  /** The products of queries and keys, [B, H, S, T]. */
  String scores(GraphIndex index) {
    return index.node(site.scores()).getOutput(0);
  }

  /** The input of the Softmax, [B, H, S, T]. */
  String logits(GraphIndex index) {
    return index.node(site.node()).getInput(0);
  }

  /** What the heads return, side by side, [B, S, H d]. */
  String attended(GraphIndex index) {
    return index.node(output).getOutput(0);
  }
}
