package dev.squint.vision.onnx.quantize;

import dev.squint.vision.onnx.graph.Nodes;
import dev.squint.vision.onnx.proto.NodeProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The nodes of {@link QuantizedForm#DYNAMIC_8}, in the pattern that ONNX Runtime fuses into one
 * operator. Products of the same activations share their rounding.
 */
final class DynamicNodes extends QuantizedNodes {

  private final Set<String> rounded = new HashSet<>();

  DynamicNodes(WeightFile file) {
    super(file);
  }

  @Override
  List<NodeProto> product(NodeProto node, WeightMatrix weight, boolean transposed)
      throws IOException {
    long rows = transposed ? weight.columns() : weight.rows();
    long columns = transposed ? weight.rows() : weight.columns();
    String codes =
        codes(
            node.getInput(1),
            transposed ? "_q8t" : "_q8",
            (name, scales) -> {
              ColumnCodes made =
                  transposed ? ColumnCodes.ofTransposed(weight) : ColumnCodes.of(weight);
              return List.of(
                  file.store(name, TensorTypes.INT8, List.of(rows, columns), List.of(made.codes())),
                  file.store(scales, List.of(columns), made.scales()));
            });
    String input = node.getInput(0);
    String output = node.getOutput(0);
    String codesOfInput = input + "/q8";
    String scaleOfInput = input + "/q8_scale";
    String zeroOfInput = input + "/q8_zero_point";
    List<NodeProto> nodes = new ArrayList<>();
    if (rounded.add(input)) {
      nodes.add(
          node(
              "",
              "DynamicQuantizeLinear",
              List.of(input),
              List.of(codesOfInput, scaleOfInput, zeroOfInput)));
    }
    nodes.add(
        node(
            "",
            "MatMulInteger",
            List.of(codesOfInput, codes, zeroOfInput),
            List.of(output + "/integers")));
    nodes.add(
        node(
            "",
            "Cast",
            List.of(output + "/integers"),
            List.of(output + "/cast"),
            Nodes.attribute("to", TensorTypes.FLOAT)));
    nodes.add(
        node("", "Mul", List.of(scaleOfInput, codes + "_scales"), List.of(output + "/scale")));
    String bias = bias(node);
    String product = bias.isEmpty() ? output : output + "/product";
    nodes.add(node("", "Mul", List.of(output + "/cast", output + "/scale"), List.of(product)));
    if (!bias.isEmpty()) {
      nodes.add(node("", "Add", List.of(product, bias), List.of(output)));
    }
    return nodes;
  }
}
