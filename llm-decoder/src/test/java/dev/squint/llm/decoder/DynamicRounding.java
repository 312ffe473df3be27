package dev.squint.llm.decoder;

import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Makes graphs in which tokens change each other's rounding. */
public final class DynamicRounding {

  private DynamicRounding() {}

  /** The graph with the inputs of its products rounded to 8 bits, by one scale for all tokens. */
  public static Path of(Path graph, Path file) throws IOException {
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(graph));
    List<String> weights =
        model.getGraph().getInitializerList().stream().map(tensor -> tensor.getName()).toList();
    GraphProto.Builder rounded = model.getGraph().toBuilder().clearNode();
    int count = 0;
    for (NodeProto node : model.getGraph().getNodeList()) {
      if (node.getOpType().equals("MatMul") && weights.contains(node.getInput(1))) {
        String name = "rounded." + count++;
        String[] parts = {name + ".codes", name + ".scale", name + ".zero"};
        rounded.addNode(
            node("DynamicQuantizeLinear").addInput(node.getInput(0)).addAllOutput(List.of(parts)));
        rounded.addNode(node("DequantizeLinear").addAllInput(List.of(parts)).addOutput(name));
        rounded.addNode(node.toBuilder().setInput(0, name));
      } else {
        rounded.addNode(node);
      }
    }
    if (count == 0) {
      throw new IllegalArgumentException(graph + " has no product with weights");
    }
    return Files.write(file, model.toBuilder().setGraph(rounded).build().toByteArray());
  }

  private static NodeProto.Builder node(String type) {
    return NodeProto.newBuilder().setOpType(type);
  }
}
