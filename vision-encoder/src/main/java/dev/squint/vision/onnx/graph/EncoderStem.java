package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.NodeProto;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Counts the operations before an encoder's first layer: its convolutions, and products with
 * weights for each patch. A multiplication and an addition count as two.
 */
public final class EncoderStem {

  /** Of each operator the index of its weights, [out, in / groups, height, width]. */
  private static final Map<String, Integer> WEIGHTS =
      Map.of("Conv", 1, "FusedConv", 1, "ConvInteger", 1, "QLinearConv", 3);

  /** Operators that change neither height nor width. */
  private static final Set<String> SAME_SIZE =
      Set.of(
          "Add",
          "Mul",
          "Sub",
          "Div",
          "Relu",
          "Gelu",
          "FastGelu",
          "Erf",
          "Sigmoid",
          "Tanh",
          "Clip",
          "Pow",
          "Cast",
          "Identity",
          "BatchNormalization",
          "QuantizeLinear",
          "DequantizeLinear",
          "DynamicQuantizeLinear");

  private final GraphIndex index;
  private final Map<String, Size> sizes = new HashMap<>();
  private final Size picture;

  private record Size(long height, long width) {}

  private EncoderStem(GraphIndex index, Size picture) {
    this.index = index;
    this.picture = picture;
  }

  /**
   * The operations for one tile. Of a graph whose layers follow no known pattern, those of its
   * convolutions.
   *
   * @param height of the tile, in pixels
   * @param width of the tile, in pixels
   * @param patches of the tile
   * @throws IllegalArgumentException if the file is missing or not an ONNX graph
   */
  public static double operations(Path encoder, int height, int width, int patches) {
    GraphIndex index = new GraphIndex(OnnxModel.read(encoder).graph());
    return new EncoderStem(index, new Size(height, width)).sum() + patches * perPatch(index);
  }

  private static double perPatch(GraphIndex index) {
    Set<String> before;
    try {
      Layers layers = Layers.find(index, GraphKind.VISION_ENCODER);
      before = new ValueFlow(index).into(layers.residual(index, CutPlan.EMBEDDINGS));
    } catch (IllegalArgumentException unknownPattern) {
      return 0;
    }
    double sum = 0;
    for (int number : index.order()) {
      NodeProto node = index.node(number);
      if (before.contains(node.getOutput(0))) {
        sum += WeightProducts.operations(index, node);
      }
    }
    return sum;
  }

  private double sum() {
    double sum = 0;
    for (int number : index.order()) {
      NodeProto node = index.node(number);
      Integer weights = WEIGHTS.get(node.getOpType());
      if (weights != null) {
        sum += operations(node, Nodes.input(node, weights));
      } else if (SAME_SIZE.contains(node.getOpType())) {
        for (String input : node.getInputList()) {
          if (sizes.containsKey(input)) {
            sizes.putIfAbsent(node.getOutput(0), sizes.get(input));
          }
        }
      }
    }
    return sum;
  }

  /** The operations of one convolution; remembers the size of its output. */
  private double operations(NodeProto node, String weights) {
    OptionalLong channels = index.size(weights, 0);
    OptionalLong inputs = index.size(weights, 1);
    OptionalLong high = index.size(weights, 2);
    OptionalLong wide = index.size(weights, 3);
    if (channels.isEmpty() || inputs.isEmpty() || high.isEmpty() || wide.isEmpty()) {
      return 0;
    }
    Size before = sizes.getOrDefault(node.getInput(0), picture);
    Size after =
        new Size(
            along(node, 0, before.height, high.getAsLong()),
            along(node, 1, before.width, wide.getAsLong()));
    sizes.put(node.getOutput(0), after);
    double each = 2.0 * inputs.getAsLong() * high.getAsLong() * wide.getAsLong();
    return each * channels.getAsLong() * after.height * after.width;
  }

  private static long along(NodeProto node, int axis, long size, long kernel) {
    List<Long> pads = integers(node, "pads");
    long padding = pads.isEmpty() ? 0 : pads.get(axis) + pads.get(axis + 2);
    long stride = at(integers(node, "strides"), axis);
    long dilation = at(integers(node, "dilations"), axis);
    return (size + padding - dilation * (kernel - 1) - 1) / stride + 1;
  }

  private static long at(List<Long> values, int axis) {
    return values.isEmpty() ? 1 : values.get(axis);
  }

  private static List<Long> integers(NodeProto node, String name) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return attribute.getIntsList();
      }
    }
    return List.of();
  }
}
