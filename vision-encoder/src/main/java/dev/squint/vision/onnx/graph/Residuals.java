package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns residual sums inside skip normalizations into tensors of the graph. */
final class Residuals {

  private static final int SUM = 3;

  private Residuals() {}

  /** Makes a skip normalization output its sum, if it computes this tensor. */
  static void show(GraphIndex index, GraphEditor editor, String residual) {
    int number = skipNorm(index, residual);
    if (number >= 0 && Nodes.output(index.node(number), SUM).isEmpty()) {
      List<String> outputs = new ArrayList<>(editor.node(number).getOutputList());
      while (outputs.size() <= SUM) {
        outputs.add("");
      }
      outputs.set(SUM, residual);
      editor.replace(
          number, editor.node(number).toBuilder().clearOutput().addAllOutput(outputs).build());
    }
  }

  /**
   * Splits a skip normalization that computes this tensor into the sum, which ends a stage, and the
   * normalization, which starts the next. The normalization adds zeros, because the operator that
   * only normalizes rounds differently.
   */
  static void part(GraphIndex index, GraphEditor editor, String residual) {
    int number = skipNorm(index, residual);
    if (number < 0) {
      return;
    }
    NodeProto node = editor.node(number);
    boolean simplified = Nodes.isMicrosoft(node, "SkipSimplifiedLayerNormalization");
    int bias = simplified ? 3 : 4;
    String first = node.getInput(0);
    if (!Nodes.input(node, bias).isEmpty()) {
      String sum = editor.add("Add", List.of(first, node.getInput(1)));
      editor.add("", "Add", List.of(sum, node.getInput(bias)), List.of(residual));
    } else {
      editor.add("", "Add", List.of(first, node.getInput(1)), List.of(residual));
    }
    int type = index.elementType(first);
    String zeros = editor.zerosLike(residual, type);
    NodeProto.Builder normalisation = node.toBuilder().clearInput().clearOutput();
    normalisation.addInput(residual).addInput(zeros);
    node.getInputList().stream().limit(bias).skip(2).forEach(normalisation::addInput);
    node.getOutputList().stream().limit(SUM).forEach(normalisation::addOutput);
    editor.replace(number, normalisation.build());
  }

  /** The node that adds the terms of a residual sum; null if the graph is given it. */
  static @Nullable NodeProto maker(GraphIndex index, String residual) {
    int number = skipNorm(index, residual);
    return number < 0 ? index.maker(residual) : index.node(number);
  }

  /** The element type of a residual sum, also if the graph does not output it. */
  static int elementType(GraphIndex index, String residual) {
    int number = skipNorm(index, residual);
    return index.elementType(number < 0 ? residual : index.node(number).getInput(0));
  }

  private static int skipNorm(GraphIndex index, String residual) {
    for (int number : index.order()) {
      NodeProto node = index.node(number);
      if (Nodes.isSkipNorm(node) && ValueFlow.residualSum(node).equals(residual)) {
        return number;
      }
    }
    return -1;
  }
}
