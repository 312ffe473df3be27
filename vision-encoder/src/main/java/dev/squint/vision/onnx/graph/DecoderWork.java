package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Operations of a decoder for each token, counted in its graph: products with weights, convolutions
 * and updates of recurrent states. Attention is not among them, since it depends on the number of
 * tokens. A multiplication and an addition count as two.
 *
 * <p>Layers without a cache of their own are counted at the layer with a cache before them, and
 * what comes before the first layer at the first one. Where no single tensor ends a layer, as in
 * hybrids and before layers that share keys, this layer and all later ones get the same share.
 *
 * @param perLayer operations for one token of each layer with a cache
 * @param output operations of the output layer for one row of logits
 */
public record DecoderWork(List<Double> perLayer, double output) {

  private static final Set<String> CONVOLUTIONS = Set.of("Conv", "FusedConv");
  private static final List<String> STATES = List.of("past_recurrent.", "past_ssm.");

  /**
   * Multiplications and additions for each element of a recurrent state, [heads, keyDim, valueDim]:
   * what it holds under the key, the outer product that is added, what it holds under the query.
   */
  private static final double PER_STATE = 6;

  /** A copy of the list. */
  public DecoderWork {
    perLayer = List.copyOf(perLayer);
  }

  /**
   * Counts the operations of a graph.
   *
   * @param layers number of layers with a cache
   * @throws IllegalArgumentException if the file is missing or not an ONNX graph
   */
  public static DecoderWork of(Path decoder, int layers) {
    GraphIndex index = new GraphIndex(OnnxModel.read(decoder).graph());
    List<Set<String>> after = ends(index, layers);
    int outputLayer = outputLayer(index);
    double[] perLayer = new double[layers];
    for (int number : index.order()) {
      if (number != outputLayer) {
        String output = index.node(number).getOutput(0);
        int layer = (int) after.stream().filter(tensors -> tensors.contains(output)).count();
        perLayer[layer] += operations(index, index.node(number));
      }
    }
    int known = after.size();
    perLayer[known] += states(index);
    Arrays.fill(perLayer, known, layers, perLayer[known] / (layers - known));
    double output = outputLayer < 0 ? 0 : WeightProducts.operations(index, index.node(outputLayer));
    return new DecoderWork(Arrays.stream(perLayer).boxed().toList(), output);
  }

  /** For each of the first layers, all that is computed from its output; not for the last. */
  private static List<Set<String>> ends(GraphIndex index, int layers) {
    List<Set<String>> after = new ArrayList<>();
    try {
      Layers found = Layers.find(index, GraphKind.DECODER);
      ValueFlow flow = new ValueFlow(index);
      for (int layer = 0; layer < layers - 1; layer++) {
        after.add(flow.from(found.residual(index, layer)));
      }
    } catch (IllegalArgumentException unknownPattern) {
      return after;
    }
    return after;
  }

  private static double operations(GraphIndex index, NodeProto node) {
    return CONVOLUTIONS.contains(node.getOpType())
        ? 2 * elements(index, Nodes.input(node, 1), 0)
        : WeightProducts.operations(index, node);
  }

  private static double states(GraphIndex index) {
    return index.inputs().keySet().stream()
        .filter(input -> STATES.stream().anyMatch(input::startsWith))
        .mapToDouble(input -> PER_STATE * elements(index, input, 1))
        .sum();
  }

  /** Number of elements along all axes from the first one given; an open axis counts as one. */
  private static double elements(GraphIndex index, String tensor, int first) {
    double elements = 1;
    for (int axis = first; axis < 4; axis++) {
      elements *= index.size(tensor, axis).orElse(1);
    }
    return elements;
  }

  /** The last product with weights on the way to the logits; -1 if there is none. */
  private static int outputLayer(GraphIndex index) {
    int number = index.producer(GraphKind.DECODER.result());
    while (number >= 0 && WeightProducts.operations(index, index.node(number)) == 0) {
      number = index.producer(Nodes.input(index.node(number), 0));
    }
    return number;
  }
}
