package dev.squint.vision.onnx.quantize;

import dev.squint.vision.onnx.graph.Nodes;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The nodes of the block forms. An embedding table and a product with the same table transposed
 * read the same codes.
 */
final class BlockNodes extends QuantizedNodes {

  /** Products of 8-bit integers; each row of activations has scales of its own. */
  private static final int INTEGER_PRODUCTS = 4;

  private final QuantizedForm form;
  private final Set<String> tables = new HashSet<>();

  BlockNodes(WeightFile file, QuantizedForm form) {
    super(file);
    this.form = form;
  }

  @Override
  List<NodeProto> product(NodeProto node, WeightMatrix weight, boolean transposed)
      throws IOException {
    int inputs = transposed ? weight.columns() : weight.rows();
    int outputs = transposed ? weight.rows() : weight.columns();
    String codes = codes(node.getInput(1), weight, !transposed);
    List<String> read = new ArrayList<>(List.of(node.getInput(0), codes, codes + "_scales"));
    String output = node.getOutput(0);
    String bias = bias(node);
    String product = bias.isEmpty() ? output : output + "/product";
    List<NodeProto> nodes = new ArrayList<>();
    nodes.add(
        node(
            Nodes.MICROSOFT,
            "MatMulNBits",
            read,
            List.of(product),
            Nodes.attribute("K", inputs),
            Nodes.attribute("N", outputs),
            Nodes.attribute("bits", form.bits()),
            Nodes.attribute("block_size", form.blockSize()),
            Nodes.attribute("accuracy_level", INTEGER_PRODUCTS)));
    if (!bias.isEmpty()) {
      nodes.add(node("", "Add", List.of(product, bias), List.of(output)));
    }
    return nodes;
  }

  @Override
  List<NodeProto> lookUp(NodeProto node, WeightMatrix table) throws IOException {
    if (table.columns() % form.blockSize() != 0) {
      return super.lookUp(node, table);
    }
    String codes = codes(node.getInput(0), table, false);
    addTable(codes, table);
    return List.of(
        node(
            Nodes.MICROSOFT,
            "GatherBlockQuantized",
            List.of(codes + "_rows", node.getInput(1), codes + "_scales"),
            List.of(node.getOutput(0)),
            Nodes.attribute("gather_axis", 0),
            Nodes.attribute("quantize_axis", 1),
            Nodes.attribute("bits", form.bits()),
            Nodes.attribute("block_size", form.blockSize())));
  }

  /** Adds the codes in the shape of a table, with the same place in the file. */
  private void addTable(String codes, WeightMatrix table) {
    String name = codes + "_rows";
    if (tables.add(name)) {
      TensorProto blocks = stored(codes);
      add(
          blocks.toBuilder()
              .setName(name)
              .clearDims()
              .addDims(table.rows())
              .addDims((long) table.columns() * form.bits() / Byte.SIZE)
              .build());
    }
  }

  private String codes(String weight, WeightMatrix matrix, boolean columns) throws IOException {
    return codes(
        weight,
        columns ? "_blocks" : "_blocks_of_rows",
        (name, scales) -> {
          BlockCodes made =
              columns ? BlockCodes.ofColumns(matrix, form) : BlockCodes.ofRows(matrix, form);
          long outputs = columns ? matrix.columns() : matrix.rows();
          long bytes = (long) form.blockSize() * form.bits() / Byte.SIZE;
          List<Long> shape = List.of(outputs, (long) made.blocks(), bytes);
          return List.of(
              file.store(name, TensorTypes.UINT8, shape, List.of(made.codes())),
              file.store(scales, List.of(outputs, (long) made.blocks()), made.scales()));
        });
  }
}
