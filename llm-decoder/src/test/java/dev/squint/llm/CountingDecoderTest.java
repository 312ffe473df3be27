package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import dev.squint.vision.picture.Picture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A decoder without an input of position ids that spells its rotary embedding out and counts its
 * tokens for it: the positions of a graph that takes them, computed inside.
 */
class CountingDecoderTest {

  private static final Path WHOLE = Path.of("src/test/resources/packages/llava");
  private static final String DECODER = "onnx/decoder_model_merged.onnx";
  private static final Picture PICTURE = picture();

  @TempDir Path folder;

  private static Picture picture() {
    byte[] pixels = new byte[3 * 48 * 40];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 37 % 251);
    }
    return new Picture(48, 40, pixels);
  }

  @BeforeEach
  void copy() throws IOException {
    PackageCopy.of(WHOLE, folder);
    Path graph = folder.resolve(DECODER);
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(graph));
    Files.write(
        graph, model.toBuilder().setGraph(counting(model.getGraph())).build().toByteArray());
  }

  private static GraphProto counting(GraphProto graph) {
    GraphProto.Builder changed = graph.toBuilder().clearInput().clearNode();
    graph.getInputList().stream()
        .filter(input -> !input.getName().equals("position_ids"))
        .forEach(changed::addInput);
    assertThat(changed.getInputCount()).isEqualTo(graph.getInputCount() - 1);
    changed.addInitializer(number("count_axis_1", 1)).addInitializer(number("count_axis_2", 2));
    changed.addInitializer(number("count_axes", 0, 0L));
    changed.addInitializer(number("count_one", 1));
    for (NodeProto node :
        List.of(
            node("Shape", List.of("past_key_values.0.key"), "count_past_shape"),
            node("Gather", List.of("count_past_shape", "count_axis_2"), "count_past"),
            node("Shape", List.of("inputs_embeds"), "count_new_shape"),
            node("Gather", List.of("count_new_shape", "count_axis_1"), "count_new"),
            node("Add", List.of("count_past", "count_new"), "count_total"),
            node("Range", List.of("count_past", "count_total", "count_one"), "count_row"),
            node("Unsqueeze", List.of("count_row", "count_axes"), "position_ids"))) {
      changed.addNode(node);
    }
    return changed.addAllNode(graph.getNodeList()).build();
  }

  private static NodeProto node(String operator, List<String> inputs, String output) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .setName(output)
        .addAllInput(inputs)
        .addOutput(output)
        .addAllAttribute(List.<AttributeProto>of())
        .build();
  }

  // A scalar; with more values, a vector of them.
  private static TensorProto number(String name, long value, long... more) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).flip();
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(7);
    Arrays.stream(more).forEach(ignored -> tensor.addDims(1));
    return tensor.setRawData(ByteString.copyFrom(bytes)).build();
  }

  @Test
  void plansBeforeTheDecoder_giveWhatTheGraphWithPositionsGives() {
    try (VisionLanguageModel counting = VisionLanguageModel.load(folder);
        VisionLanguageModel whole = VisionLanguageModel.load(WHOLE)) {
      for (String plan : List.of("none", "encoder:divprune(keep=0.5)")) {
        AskOptions options = AskOptions.DEFAULT.withMaxTokens(8).withPlan(plan);
        assertThat(counting.ask(List.of(PICTURE), "What is it?", options).text())
            .as(plan)
            .isEqualTo(whole.ask(List.of(PICTURE), "What is it?", options).text());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "layer2:fastv(keep=0.5)",
        "cache:h2o(keep=0.5)",
        "cache:snapkv(keep=0.5)",
        "encoder:divprune(keep=0.5) + layer2:fastv(keep=0.5)"
      })
  void plansInsideTheDecoder_areRefused(String plan) {
    try (VisionLanguageModel counting = VisionLanguageModel.load(folder)) {
      assertThatThrownBy(
              () ->
                  counting.ask(List.of(PICTURE), "What is it?", AskOptions.DEFAULT.withPlan(plan)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("has no input position_ids and counts its tokens")
          .hasMessageContaining("export the decoder with position_ids");
    }
  }
}
