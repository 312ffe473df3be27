package dev.squint.vision.onnx.graph;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.testing.Tolerance;
import dev.squint.vision.onnx.graph.Runs.Floats;
import dev.squint.vision.onnx.graph.Runs.Outputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VisionStagesTest {
  // NumPy sums in another order, and merged tokens make other sums. Measured: 4.5e-7 of the scale
  // with AVX2 and AVX-512.
  private static final Tolerance FEATURES = Tolerance.relative(1e-5);
  // Weights up to 1 of logits that differ by roundings. Measured: 9.6e-7 with AVX2 and AVX-512.
  private static final Tolerance ATTENTION = Tolerance.relative(1e-5);

  private static final Path GRAPHS = Path.of("src/test/resources/graphs");
  private static final Path FUSED = GRAPHS.resolve("fused-vision.onnx");
  private static final Path CLIP =
      Path.of("../llm-decoder/src/test/resources/packages/llava/onnx/vision_encoder.onnx");

  @TempDir Path folder;

  static Stream<Arguments> encodersAndCuts() {
    return Stream.of(
        Arguments.of(FUSED, CutPlan.after(0)),
        Arguments.of(FUSED, CutPlan.after(1)),
        Arguments.of(FUSED, CutPlan.after(0, 1)),
        Arguments.of(FUSED, CutPlan.after(0, 2)),
        Arguments.of(CLIP, CutPlan.after(1, 2)),
        Arguments.of(CLIP, CutPlan.after(0)),
        Arguments.of(CLIP, CutPlan.after(0, 1)));
  }

  @ParameterizedTest
  @MethodSource("encodersAndCuts")
  void chainOfStages_isTheWhole_toTheLastBit(Path file, CutPlan plan) {
    Floats pixels = pixels(file, 2);
    try (Runs whole = Runs.whole(file);
        Runs staged = Runs.staged(cut(file, plan))) {
      assertThat(staged.stages()).isEqualTo(plan.cutAfter().size() + 1);
      assertThat(chain(staged, pixels).get("image_features").values())
          .isEqualTo(chain(whole, pixels).get("image_features").values());
    }
  }

  @Test
  void fusedEncoder_attentionFromTaps_isNumPys() throws IOException {
    JsonNode expected = new ObjectMapper().readTree(GRAPHS.resolve("fused-vision.json").toFile());
    Set<Tap> taps = new java.util.LinkedHashSet<>();
    for (int layer = 0; layer < 3; layer++) {
      taps.add(new Tap(layer, Tap.Value.QUERIES, Tap.Rows.ALL, false));
      taps.add(Tap.keys(layer));
      taps.add(Tap.values(layer));
    }
    Floats pixels = new Floats(floats(expected.get("pixel_values")), new long[] {1, 3, 12, 12});
    try (Runs staged = Runs.staged(cut(FUSED, new CutPlan(java.util.List.of(1), taps)))) {
      Outputs outputs = chain(staged, pixels);

      assertClose(
          outputs.get("image_features").values(),
          floats(expected.get("image_features")),
          FEATURES,
          "features");
      for (int layer = 0; layer < 3; layer++) {
        Tap queries = new Tap(layer, Tap.Value.QUERIES, Tap.Rows.ALL, false);
        assertClose(
            TapMaths.attention(
                outputs.get(queries.output()), outputs.get(Tap.keys(layer).output())),
            floats(expected.get("attention").get(layer)),
            ATTENTION,
            "attention of layer %d",
            layer);
        assertClose(
            outputs.get(Tap.values(layer).output()).values(),
            floats(expected.get("values").get(layer)),
            FEATURES,
            "values of layer %d",
            layer);
      }
    }
  }

  @Test
  void clipTower_showsTheSameAttentionEitherWay() {
    Tap queries = new Tap(1, Tap.Value.QUERIES, Tap.Rows.ALL, false);
    Tap attention = new Tap(1, Tap.Value.ATTENTION, Tap.Rows.ALL, false);
    Tap projection = new Tap(1, Tap.Value.KEY_PROJECTION, Tap.Rows.ALL, false);
    CutPlan plan =
        CutPlan.after(0)
            .tapping(queries, Tap.keys(1), attention, Tap.attention(0), projection, Tap.hidden(0));
    try (Runs staged = Runs.staged(cut(CLIP, plan))) {
      Outputs outputs = chain(staged, pixels(CLIP, 1));

      Floats keys = outputs.get(Tap.keys(1).output());
      int heads = (int) keys.shape()[1];
      assertThat(outputs.get(attention.output()).shape()).containsExactly(1, heads, 65, 65);
      assertClose(
          TapMaths.attention(outputs.get(queries.output()), keys),
          outputs.get(attention.output()).values(),
          ATTENTION,
          "attention");
      assertThat(outputs.get(Tap.attention(0).output()).shape()).containsExactly(1, heads, 1, 65);
      assertThat(outputs.get(projection.output()).values()).isEqualTo(TapMaths.joined(keys));
      assertThat(outputs.get(Tap.hidden(0).output()).values())
          .isEqualTo(outputs.get("next_hidden_states").values());
    }
  }

  /** Two equal tokens are one that counts twice. */
  @ParameterizedTest
  @MethodSource("encoders")
  void biasOfKeys_countsTokensAsOftenAsTheyAreMerged(Path file) {
    CutPlan plan = new CutPlan(List.of(0), Set.of(), 1);
    try (Runs staged = Runs.staged(cut(file, plan))) {
      Floats hidden =
          staged
              .run(0, Map.of("pixel_values", pixels(file, 1)), Map.of())
              .get("next_hidden_states");
      Floats twice = hidden.rows(0, 3, 5, 5, 6);
      Floats merged = hidden.rows(0, 3, 5, 6);
      float[] features = features(staged, twice, 0, 0, 0, 0, 0);
      float log2 = (float) Math.log(2);
      float[] ofMerged = features(staged, merged, 0, 0, log2, 0);
      int size = (int) Math.round((double) features.length / (file.equals(FUSED) ? 5 : 4));
      float[] withoutTwin = new float[ofMerged.length];
      int twin = file.equals(FUSED) ? 3 : 2;
      System.arraycopy(features, 0, withoutTwin, 0, twin * size);
      System.arraycopy(
          features, (twin + 1) * size, withoutTwin, twin * size, withoutTwin.length - twin * size);

      assertClose(ofMerged, withoutTwin, FEATURES, "features");
      assertThat(features(staged, merged, 0, 0, 0, 0))
          .as("without the bias it is another result")
          .isNotEqualTo(ofMerged);
    }
  }

  static Stream<Path> encoders() {
    return Stream.of(FUSED, CLIP);
  }

  private static float[] features(Runs staged, Floats hidden, float... bias) {
    Floats keyBias = new Floats(bias, new long[] {1, 1, 1, bias.length});
    return staged
        .run(1, Map.of("hidden_states", hidden, "key_bias", keyBias), Map.of())
        .get("image_features")
        .values();
  }

  @Test
  void fusedAttention_isNotShown_andSaysWhatToDo() {
    assertThatThrownBy(() -> cut(FUSED, CutPlan.after().tapping(Tap.attention(1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("fused-vision.onnx cannot show what its layers compute: 'MultiHead")
        .hasMessageContaining("tap its queries and keys instead");
  }

  private CutGraph cut(Path file, CutPlan plan) {
    return new GraphRewriter(new GraphCache(folder)).cut(file, GraphKind.VISION_ENCODER, plan);
  }

  private static Floats pixels(Path file, long pictures) {
    long size = file.equals(FUSED) ? 12 : 112;
    return Floats.random(1, pictures, 3, size, size);
  }

  private static Outputs chain(Runs stages, Floats pixels) {
    Map<String, Floats> all = new HashMap<>(Map.of("pixel_values", pixels));
    for (int stage = 0; stage < stages.stages(); stage++) {
      long rows = stages.inputs(stage).contains("tap_rows") ? 1 : 0;
      Outputs outputs =
          stages.run(stage, all, Map.of("tap_rows", LongStream.range(0, rows).toArray()));
      all.putAll(outputs.tensors());
      if (outputs.has("next_hidden_states")) {
        all.put("hidden_states", outputs.get("next_hidden_states"));
      }
    }
    return new Outputs(all);
  }

  private static float[] floats(JsonNode array) {
    double[] values = new double[array.size()];
    Arrays.setAll(values, i -> array.get(i).asDouble());
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
