package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A decoder without a mask whose tokens see those at lower positions, not those before them. */
class SightByPositionTest {

  @Test
  void plans_thatLeaveGaps_areRefused(@TempDir Path folder) throws IOException {
    Path copy = folder.resolve("gemma3n");
    PackageCopy.of(Path.of("src/test/resources/packages/gemma3n"), copy);
    Path graph = copy.resolve("onnx/decoder_model_merged.onnx");
    Files.write(graph, byPosition(ModelProto.parseFrom(Files.readAllBytes(graph))));

    try (VisionLanguageModel model = VisionLanguageModel.load(copy)) {
      model.check(PruningPlan.parse("encoder:random(keep=0.5)"));
      for (String plan :
          new String[] {"layer1:fastv(keep=0.5)", "encoder:random(keep=0.5) + encoder:in-place"}) {
        PruningPlan dropping = PruningPlan.parse(plan);
        assertThatThrownBy(() -> model.check(dropping))
            .hasMessageContaining("takes no attention_mask and its tokens see all at lower");
      }
    }
  }

  /** Compares the number of each key with the position of each query instead of its number. */
  private static byte[] byPosition(ModelProto model) {
    GraphProto.Builder changed = model.getGraph().toBuilder().clearNode();
    int found = 0;
    for (NodeProto node : model.getGraph().getNodeList()) {
      if (node.getOpType().equals("LessOrEqual")) {
        changed.addNode(
            NodeProto.newBuilder()
                .setOpType("Transpose")
                .addInput("position_ids")
                .addOutput("positions.down"));
        changed.addNode(node.toBuilder().setInput(1, "positions.down"));
        found++;
      } else {
        changed.addNode(node);
      }
    }
    if (found != 1) {
      throw new IllegalArgumentException(
          "the decoder compares %d times, not once".formatted(found));
    }
    return model.toBuilder().setGraph(changed).build().toByteArray();
  }
}
