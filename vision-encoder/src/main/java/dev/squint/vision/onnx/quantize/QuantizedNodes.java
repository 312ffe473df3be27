package dev.squint.vision.onnx.quantize;

import dev.squint.vision.onnx.graph.Nodes;
import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Makes the nodes of a form in place of nodes that read a weight. A weight is stored once. */
abstract class QuantizedNodes {

  final WeightFile file;

  private final Map<String, TensorProto> constants = new LinkedHashMap<>();
  private final Map<String, String> names = new HashMap<>();

  QuantizedNodes(WeightFile file) {
    this.file = file;
  }

  /** The constants that the nodes so far read. */
  Collection<TensorProto> constants() {
    return constants.values();
  }

  /** The constant of this name, which was stored before. */
  final TensorProto stored(String name) {
    return Objects.requireNonNull(constants.get(name));
  }

  /** Adds a constant. */
  final void add(TensorProto constant) {
    constants.put(constant.getName(), constant);
  }

  /** Number of weights that were stored. */
  int weights() {
    return names.size();
  }

  /**
   * Returns the nodes of a product of activations and a weight, and of its bias.
   *
   * @param node a {@code MatMul} or {@code Gemm}
   * @param weight the weight, [K, N], or [N, K] if it is transposed
   */
  abstract List<NodeProto> product(NodeProto node, WeightMatrix weight, boolean transposed)
      throws IOException;

  /**
   * Returns the nodes of a look-up of rows of a table, [V, D]: 8 bits and one scale per row, unless
   * a form has another way.
   */
  List<NodeProto> lookUp(NodeProto node, WeightMatrix table) throws IOException {
    List<Long> shape = List.of((long) table.rows(), (long) table.columns());
    String codes =
        codes(
            node.getInput(0),
            "_q8rows",
            (name, scales) -> {
              RowCodes made = RowCodes.of(table);
              return List.of(
                  file.store(name, TensorTypes.INT8, shape, List.of(made.codes())),
                  file.store(scales, List.of(shape.get(0), 1L), made.scales()));
            });
    String rows = node.getInput(1);
    String output = node.getOutput(0);
    return List.of(
        node("", "Gather", List.of(codes, rows), List.of(output + "/codes")),
        node("", "Gather", List.of(codes + "_scales", rows), List.of(output + "/scale")),
        node(
            "",
            "Cast",
            List.of(output + "/codes"),
            List.of(output + "/cast"),
            Nodes.attribute("to", TensorTypes.FLOAT)),
        node("", "Mul", List.of(output + "/cast", output + "/scale"), List.of(output)));
  }

  /** Stores a weight under the names of its codes and scales. */
  interface Storing {
    List<TensorProto> store(String codes, String scales) throws IOException;
  }

  /**
   * Returns the name of the codes of a weight. The scales have the same name with {@code _scales}.
   *
   * @param layout how the codes lie; a weight that is read in two layouts is stored twice
   */
  final String codes(String weight, String layout, Storing storing) throws IOException {
    String key = weight + layout;
    String known = names.get(key);
    if (known == null) {
      known = "squint/" + key;
      names.put(key, known);
      storing.store(known, known + "_scales").forEach(this::add);
    }
    return known;
  }

  static NodeProto node(
      String domain,
      String type,
      List<String> inputs,
      List<String> outputs,
      AttributeProto... attributes) {
    return NodeProto.newBuilder()
        .setName(outputs.get(0) + "/" + type)
        .setDomain(domain)
        .setOpType(type)
        .addAllInput(inputs)
        .addAllOutput(outputs)
        .addAllAttribute(List.of(attributes))
        .build();
  }

  /** The bias of a {@code Gemm}; empty for other nodes and without bias. */
  static String bias(NodeProto node) {
    return node.getOpType().equals("Gemm") && node.getInputCount() > 2 ? node.getInput(2) : "";
  }
}
