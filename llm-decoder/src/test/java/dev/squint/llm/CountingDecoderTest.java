package dev.squint.llm;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.picture.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Decoders without an input of position ids that spell their rotary embedding out and count their
 * tokens for it, however they count: they are given positions, or plans that drop tokens are
 * refused.
 */
class CountingDecoderTest {

  // The same operators on the same values, with further copies of some: measured 0.
  private static final Tolerance LOGITS = Tolerance.relative(1e-5);

  private static final Path WHOLE = Path.of("src/test/resources/packages/llava");
  private static final Path ROUTED = Path.of("../samples/tiny-vlm/package");
  private static final String DECODER = "onnx/decoder_model_merged.onnx";
  private static final Picture PICTURE = picture();
  private static final List<String> PLANS =
      List.of(
          "none",
          "encoder:divprune(keep=0.5)",
          "encoder:in-place + encoder:random(keep=0.5) + layer1:random(keep=0.5)",
          "layer2:fastv(keep=0.5)",
          "layer1:pyramiddrop(keep=0.5) + layer3:random(keep=0.2)",
          "layer2:gemfilter(keep=0.4)",
          "layer3:uniform-grid(tokens=0)",
          "cache:h2o(keep=0.5)",
          "cache:snapkv(keep=0.5, window=4)",
          "cache:streamingllm(keep=0.4, inCache=true)",
          "layer2:fastv(keep=0.5) + cache:quantised(bits=4, every=3)");

  /** By plan, what the graph with positions gives. */
  private static final Map<String, RecordedTokens> EXPECTED = new HashMap<>();

  @TempDir Path folder;

  private static Picture picture() {
    byte[] pixels = new byte[3 * 48 * 40];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 37 % 251);
    }
    return new Picture(48, 40, pixels);
  }

  private static RecordedTokens ask(VisionLanguageModel model, String plan) {
    RecordedTokens recorded = new RecordedTokens();
    AskOptions options = recorded.options().withMaxTokens(8).withPlan(plan);
    model.ask(List.of(PICTURE), "What is it?", options);
    return recorded;
  }

  @ParameterizedTest
  @EnumSource(CountingForms.class)
  void plans_giveWhatTheGraphWithPositionsGives(CountingForms form) throws IOException {
    form.copy(WHOLE, folder);
    VisionLanguageModel whole = LoadedModels.of(WHOLE);
    try (VisionLanguageModel counting = VisionLanguageModel.load(folder)) {
      for (String plan : PLANS) {
        RecordedTokens expected = EXPECTED.computeIfAbsent(plan, each -> ask(whole, each));
        RecordedTokens given = ask(counting, plan);
        assertThat(given.tokens()).as(plan).isEqualTo(expected.tokens());
        for (int i = 0; i < given.logits().size(); i++) {
          assertClose(
              given.logits().get(i), expected.logits().get(i), LOGITS, "step %d of %s", i, plan);
        }
      }
    }
  }

  /** Positions that no rule of the test knows: every second number. */
  private void countByTwos() throws IOException {
    CountingForms.RANGE.copy(WHOLE, folder);
    Path file = folder.resolve(DECODER);
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
    GraphProto.Builder graph = model.getGraph().toBuilder();
    for (int i = 0; i < graph.getNodeCount(); i++) {
      NodeProto node = graph.getNode(i);
      if (node.getOpType().equals("Range") && node.getName().equals("count_row")) {
        graph.setNode(i, node.toBuilder().setOutput(0, "counting.single").build());
        graph.addNode(
            i + 1,
            NodeProto.newBuilder()
                .setOpType("Add")
                .setName("doubling")
                .addInput("counting.single")
                .addInput("counting.single")
                .addOutput("counting.row"));
        break;
      }
    }
    Files.write(file, model.toBuilder().setGraph(graph).build().toByteArray());
  }

  @Test
  void positionsThatAreComputedFurther_areGivenToo() throws IOException {
    countByTwos();
    try (VisionLanguageModel counting = VisionLanguageModel.load(folder)) {
      assertThat(ask(counting, "layer2:fastv(keep=0.5)").tokens()).hasSize(8);
      assertThat(ask(counting, "layer2:random(keep=1.0)").tokens())
          .isEqualTo(ask(counting, "none").tokens());
    }
  }

  /** A decoder whose positions start at 0 in every step. */
  private static void forgetPast(Path file, Path source) throws IOException {
    Files.copy(source, file, StandardCopyOption.REPLACE_EXISTING);
    CountingForms.OFFSET.change(file);
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
    GraphProto.Builder graph = model.getGraph().toBuilder();
    for (int i = 0; i < graph.getNodeCount(); i++) {
      if (graph.getNode(i).getName().equals("count_moved")) {
        graph.setNode(i, graph.getNode(i).toBuilder().setInput(1, "counting.new"));
      }
    }
    Files.write(file, model.toBuilder().setGraph(graph).build().toByteArray());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "layer2:fastv(keep=0.5)",
        "cache:h2o(keep=0.5)",
        "cache:snapkv(keep=0.5)",
        "decoder:skipdecode(most=0.75, answer=2)",
        "encoder:divprune(keep=0.5) + layer2:fastv(keep=0.5)"
      })
  void plansInsideADecoderThatCountsOtherwise_areRefusedByTheNode(String plan) throws IOException {
    PackageCopy.of(WHOLE, folder);
    forgetPast(folder.resolve(DECODER), WHOLE.resolve(DECODER));
    try (VisionLanguageModel counting = VisionLanguageModel.load(folder)) {
      assertThat(ask(counting, "encoder:divprune(keep=0.5)").tokens()).isNotEmpty();
      assertThatThrownBy(() -> ask(counting, plan))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("has no input position_ids and cannot be given positions")
          .hasMessageContaining("from the lengths of its inputs, but not as positions are")
          .hasMessageContaining("export the decoder with position_ids");
    }
  }

  @Test
  void aRouter_isGivenPositionsToo_orRefused() throws IOException {
    PackageCopy.of(ROUTED, folder);
    Path decoder = folder.resolve("onnx/decoder_model_merged_pmod.onnx");
    CountingForms.ROWS.change(decoder);
    List<float[]> expected;
    try (VisionLanguageModel whole = VisionLanguageModel.load(ROUTED)) {
      expected = ask(whole, "decoder:p-mod").logits();
    }
    try (VisionLanguageModel counting = VisionLanguageModel.load(folder)) {
      List<float[]> logits = ask(counting, "decoder:p-mod").logits();
      assertThat(logits).hasSameSizeAs(expected);
      for (int i = 0; i < logits.size(); i++) {
        assertClose(logits.get(i), expected.get(i), LOGITS, "step %d", i);
      }
    }
    forgetPast(decoder, ROUTED.resolve("onnx/decoder_model_merged_pmod.onnx"));
    try (VisionLanguageModel counting = VisionLanguageModel.load(folder)) {
      assertThatThrownBy(() -> counting.check(PruningPlan.parse("decoder:p-mod")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cannot be given positions");
      assertThat(ask(counting, "none").tokens()).isNotEmpty();
    }
  }
}
