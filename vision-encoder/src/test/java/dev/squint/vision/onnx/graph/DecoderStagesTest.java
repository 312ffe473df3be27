package dev.squint.vision.onnx.graph;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.squint.testing.Tolerance;
import dev.squint.vision.onnx.graph.Runs.Floats;
import dev.squint.vision.onnx.graph.Runs.Outputs;
import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DecoderStagesTest {
  // NumPy sums in another order, and fewer rows are summed in other blocks. Measured: 6.2e-7 of
  // the scale with AVX2 and AVX-512.
  private static final Tolerance LOGITS = Tolerance.relative(1e-5);
  // Weights up to 1 of logits that differ by roundings. Measured: 5.6e-7 with AVX2 and AVX-512.
  private static final Tolerance ATTENTION = Tolerance.relative(1e-5);

  private static final Path GRAPHS = Path.of("src/test/resources/graphs");
  private static final Path FUSED = GRAPHS.resolve("fused-decoder.onnx");
  private static final Path SPELLED_OUT =
      Path.of("../llm-decoder/src/test/resources/packages/llava/onnx/decoder_model_merged.onnx");

  @TempDir Path folder;

  static Stream<Arguments> decodersAndCuts() {
    return Stream.of(FUSED, SPELLED_OUT)
        .flatMap(
            file ->
                Stream.of(
                        CutPlan.after(),
                        CutPlan.after(0),
                        CutPlan.after(1),
                        CutPlan.after(2),
                        CutPlan.after(0, 2),
                        CutPlan.after(0, 1, 2))
                    .map(plan -> Arguments.of(file, plan)));
  }

  @ParameterizedTest
  @MethodSource("decodersAndCuts")
  void chainOfStages_isTheWhole_toTheLastBit(Path file, CutPlan plan) {
    CutGraph cut = cut(file, plan);
    assertThat(cut.stages()).hasSize(plan.cutAfter().size() + 1);
    assertThat(cut.leftOut()).isEmpty();
    long size = file.equals(FUSED) ? 32 : 64;
    try (Runs whole = Runs.whole(file);
        Runs staged = Runs.staged(cut)) {
      int length = 11;
      for (int step = 0; step <= 8; step++) {
        int tokens = step == 0 ? length : 1;
        long first = step == 0 ? 0 : length + step - 1;
        long[] positions = LongStream.range(first, first + tokens).toArray();
        Floats hidden = Floats.random(step, 1, tokens, size);

        Outputs expected = whole.step(hidden, positions);
        Outputs actual = staged.step(hidden, positions);

        assertThat(actual.names()).containsAll(expected.names());
        for (String name : expected.names()) {
          assertThat(actual.get(name).values())
              .as("%s of step %d", name, step)
              .isEqualTo(expected.get(name).values());
        }
      }
    }
  }

  @Test
  void fusedDecoder_afterDroppingRows_isNumPysAtTheOldPositions() throws IOException {
    JsonNode expected = new ObjectMapper().readTree(GRAPHS.resolve("fused-decoder.json").toFile());
    Floats prompt = new Floats(floats(expected.get("inputs_embeds")), new long[] {1, 14, 32});
    int[] kept = new int[expected.get("kept").size()];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = expected.get("kept").get(i).asInt();
    }
    try (Runs staged = Runs.staged(cut(FUSED, CutPlan.after(1)))) {
      Floats hidden =
          staged.step(0, prompt, LongStream.range(0, 14).toArray()).get("hidden_states");
      long[] positions = java.util.Arrays.stream(kept).asLongStream().toArray();

      Outputs outputs = staged.step(1, hidden.rows(kept), positions);

      assertClose(
          lastRow(outputs.get("logits")), floats(expected.get("logits_kept")), LOGITS, "logits");
      assertThat(outputs.get("present.3.key").shape()).containsExactly(1, 2, kept.length, 32);
      assertThat(staged.cache(0).get("present.1.key").shape()).containsExactly(1, 2, 14, 32);
    }
  }

  @Test
  void fusedDecoder_attentionFromTaps_isNumPys() throws IOException {
    JsonNode expected = new ObjectMapper().readTree(GRAPHS.resolve("fused-decoder.json").toFile());
    Floats prompt = new Floats(floats(expected.get("inputs_embeds")), new long[] {1, 14, 32});
    CutPlan plan =
        CutPlan.after(1)
            .tapping(Tap.queries(0), Tap.queries(1), Tap.queries(2), Tap.queries(3), Tap.hidden(2));
    CutGraph cut = cut(FUSED, plan);
    try (Runs staged = Runs.staged(cut)) {
      Outputs outputs = staged.step(prompt, LongStream.range(0, 14).toArray());

      for (int layer = 0; layer < 4; layer++) {
        float[] attention =
            TapMaths.attentionOfLastRow(
                outputs.get(Tap.queries(layer).output()),
                outputs.get("present.%d.key".formatted(layer)),
                cut.layers().get(layer).limits().window());
        assertClose(
            attention,
            floats(expected.get("attention").get(layer)),
            ATTENTION,
            "attention of layer %d",
            layer);
      }
      assertThat(outputs.get(Tap.hidden(2).output()).shape()).containsExactly(1, 14, 32);
    }
  }

  @Test
  void queriesAndKeysAhead_areThoseOfTheNextStage() {
    CutPlan plan =
        CutPlan.after(1)
            .tapping(
                Tap.queries(2), Tap.keys(2), Tap.queries(2).givenAhead(), Tap.keys(2).givenAhead());
    for (Path file : new Path[] {FUSED, SPELLED_OUT}) {
      CutGraph cut = cut(file, plan);
      assertThat(cut.stages().get(0).taps())
          .contains(Tap.queries(2).givenAhead(), Tap.keys(2).givenAhead())
          .allMatch(Tap::ahead);
      try (Runs staged = Runs.staged(cut)) {
        Floats prompt = Floats.random(3, 1, 9, file.equals(FUSED) ? 32 : 64);
        Outputs outputs = staged.step(prompt, LongStream.range(0, 9).toArray());

        assertThat(outputs.get(Tap.queries(2).givenAhead().output()).values())
            .isEqualTo(outputs.get(Tap.queries(2).output()).values());
        assertThat(outputs.get(Tap.keys(2).givenAhead().output()).values())
            .isEqualTo(outputs.get(Tap.keys(2).output()).values())
            .isEqualTo(outputs.get("present.2.key").values());
      }
    }
  }

  @Test
  void tapsWithoutRope_areThoseWithRopeAtPositionZero() {
    for (Path file : new Path[] {FUSED, SPELLED_OUT}) {
      for (int layer = 0; layer < 4; layer++) {
        CutPlan plan =
            CutPlan.after(1)
                .tapping(
                    Tap.queries(layer),
                    Tap.keys(layer),
                    Tap.unrotatedQueries(layer),
                    Tap.unrotatedKeys(layer));
        try (Runs staged = Runs.staged(cut(file, plan))) {
          Floats prompt = Floats.random(7, 1, 9, file.equals(FUSED) ? 32 : 64);
          Outputs atZero = staged.step(prompt, new long[9]);

          assertThat(atZero.get(Tap.unrotatedQueries(layer).output()).values())
              .isEqualTo(atZero.get(Tap.queries(layer).output()).values());
          assertThat(atZero.get(Tap.unrotatedKeys(layer).output()).values())
              .isEqualTo(atZero.get(Tap.keys(layer).output()).values());
        }
      }
    }
  }

  @Test
  void tapsWithoutRope_doNotDependOnPositions() {
    CutPlan plan =
        CutPlan.after(1).tapping(Tap.queries(0), Tap.unrotatedQueries(0), Tap.unrotatedKeys(0));
    for (Path file : new Path[] {FUSED, SPELLED_OUT}) {
      Floats prompt = Floats.random(7, 1, 9, file.equals(FUSED) ? 32 : 64);
      try (Runs first = Runs.staged(cut(file, plan));
          Runs second = Runs.staged(cut(file, plan))) {
        Outputs near = first.step(prompt, LongStream.range(0, 9).toArray());
        Outputs far = second.step(prompt, LongStream.range(20, 29).toArray());

        for (Tap tap : new Tap[] {Tap.unrotatedQueries(0), Tap.unrotatedKeys(0)}) {
          assertThat(far.get(tap.output()).values()).isEqualTo(near.get(tap.output()).values());
        }
        assertThat(far.get(Tap.queries(0).output()).values())
            .isNotEqualTo(near.get(Tap.queries(0).output()).values());
      }
    }
  }

  @Test
  void spelledOutDecoder_attentionTap_isSoftmaxOfQueriesAndKeys() {
    CutPlan plan = CutPlan.after(1).tapping(Tap.queries(1), Tap.attention(1), Tap.hidden(0));
    try (Runs staged = Runs.staged(cut(SPELLED_OUT, plan))) {
      Floats prompt = Floats.random(5, 1, 13, 64);
      Outputs outputs = staged.step(prompt, LongStream.range(0, 13).toArray());

      assertClose(
          TapMaths.attentionOfLastRow(
              outputs.get(Tap.queries(1).output()), outputs.get("present.1.key"), 0),
          outputs.get(Tap.attention(1).output()).values(),
          ATTENTION,
          "attention");
    }
  }

  @Test
  void branchesThatCaptureTheHiddenStates_followTheCut() throws IOException {
    ModelProto model = OnnxModel.read(SPELLED_OUT).proto();
    GraphProto.Builder graph = model.getGraph().toBuilder();
    for (int i = 0; i < graph.getNodeCount(); i++) {
      NodeProto node = graph.getNode(i);
      if (node.getName().equals("/model/layers.2/input_layernorm/Cast")) {
        graph.setNode(i, branching(node.getInput(0), node.getOutput(0)));
      }
    }
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName("yes")
            .setDataType(9)
            .setRawData(ByteString.copyFrom(new byte[] {1})));
    Path file =
        Files.write(
            folder.resolve("branching.onnx"),
            model.toBuilder().setGraph(graph).build().toByteArray());
    Floats prompt = Floats.random(2, 1, 7, 64);
    long[] positions = LongStream.range(0, 7).toArray();
    try (Runs whole = Runs.whole(SPELLED_OUT);
        Runs staged = Runs.staged(cut(file, CutPlan.after(0, 1)))) {
      assertThat(staged.step(prompt, positions).get("logits").values())
          .isEqualTo(whole.step(prompt, positions).get("logits").values());
    }
  }

  /** An If whose branches read a tensor from outside. */
  private static NodeProto branching(String captured, String output) {
    NodeProto.Builder node =
        NodeProto.newBuilder().setOpType("If").setName("if").addInput("yes").addOutput(output);
    for (String branch : new String[] {"then_branch", "else_branch"}) {
      GraphProto body =
          GraphProto.newBuilder()
              .setName(branch)
              .addNode(
                  NodeProto.newBuilder()
                      .setOpType("Identity")
                      .setName(branch + "_node")
                      .addInput(captured)
                      .addOutput(branch + "_out"))
              .addOutput(
                  GraphEditor.tensor(
                      branch + "_out", GraphEditor.FLOAT, java.util.List.of("b", "s", "d")))
              .build();
      node.addAttribute(
          AttributeProto.newBuilder()
              .setName(branch)
              .setG(body)
              .setType(AttributeProto.AttributeType.GRAPH));
    }
    return node.build();
  }

  @Test
  void droppedTokens_areMaskedTokens() {
    int[] kept = {0, 2, 3, 6, 7, 8, 11, 12};
    long[] mask = new long[13];
    for (int row : kept) {
      mask[row] = 1;
    }
    CutGraph cut = cut(SPELLED_OUT, CutPlan.after(1));
    try (Runs dropping = Runs.staged(cut);
        Runs masking = Runs.staged(cut)) {
      long[] positions = LongStream.range(0, 13).toArray();
      Floats hidden = dropping.step(0, Floats.random(9, 1, 13, 64), positions).get("hidden_states");

      Outputs masked =
          masking.run(
              1,
              Map.of("inputs_embeds", hidden),
              Map.of("attention_mask", mask, "position_ids", positions));
      Outputs dropped =
          dropping.step(
              1, hidden.rows(kept), java.util.Arrays.stream(kept).asLongStream().toArray());

      assertClose(lastRow(dropped.get("logits")), lastRow(masked.get("logits")), LOGITS, "logits");
    }
  }

  private CutGraph cut(Path file, CutPlan plan) {
    return new GraphRewriter(new GraphCache(folder)).cut(file, GraphKind.DECODER, plan);
  }

  private static float[] lastRow(Floats logits) {
    int size = (int) logits.shape()[2];
    int length = logits.values().length;
    return java.util.Arrays.copyOfRange(logits.values(), length - size, length);
  }

  private static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) array.get(i).asDouble();
    }
    return values;
  }
}
