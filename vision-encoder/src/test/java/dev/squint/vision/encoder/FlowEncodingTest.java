package dev.squint.vision.encoder;

import static dev.squint.testing.Closeness.assertClose;
import static dev.squint.vision.encoder.CutEncoders.FEATURES;
import static dev.squint.vision.encoder.CutEncoders.LLAVA;
import static dev.squint.vision.encoder.CutEncoders.PYTORCH;
import static dev.squint.vision.encoder.CutEncoders.SMOLVLM;
import static dev.squint.vision.encoder.CutEncoders.TINY;
import static dev.squint.vision.encoder.CutEncoders.encode;
import static dev.squint.vision.encoder.CutEncoders.everyThird;
import static dev.squint.vision.encoder.CutEncoders.open;
import static dev.squint.vision.encoder.CutEncoders.someGroups;
import static dev.squint.vision.encoder.CutEncoders.tiles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.evidence.EncoderFlow;
import dev.squint.pruner.plan.PruningPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** FlowCut inside encoders. */
class FlowEncodingTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path cache;

  @Test
  void tokensAndFeaturesAreThoseOfTheAuthorsCode() throws IOException {
    JsonNode expected = JSON.readTree(Path.of("src/test/resources/graphs/flowcut.json").toFile());
    try (OnnxVisionEncoder encoder = open(LLAVA, cache)) {
      for (JsonNode of : expected.get("cases")) {
        int tokens = of.get("tokens").intValue();
        PatchTokens left =
            encode(encoder, tiles(112, 1), "encoder1:flowcut(tokens=%d)".formatted(tokens));

        int[] places = left.positions().stream().mapToInt(p -> p.row() * 8 + p.col()).toArray();
        assertThat(places).containsExactly(JSON.convertValue(of.get("kept"), int[].class));
        int[] fourth = IntStream.range(0, (tokens + 3) / 4).map(i -> 4 * i).toArray();
        float[] features = JSON.convertValue(of.get("features"), float[].class);
        assertClose(left.features().rows(fourth).data(), features, PYTORCH, "features");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({LLAVA + ", 112", SMOLVLM + ", 64"})
  void aBudgetOfAllTokensChangesNothing(String graph, int edge) {
    try (OnnxVisionEncoder encoder = open(graph, cache)) {
      PatchTokens whole = encoder.encode(List.of(tiles(edge, 2)), Set.of());
      PatchTokens all = encode(encoder, tiles(edge, 2), "encoder1:flowcut(keep=1, every=1)");

      assertThat(all.positions()).isEqualTo(whole.positions());
      assertClose(all.features().data(), whole.features().data(), FEATURES, "features");
    }
  }

  /** Behind the last layer the features of the others do not change. */
  @ParameterizedTest
  @CsvSource({LLAVA + ", 112", SMOLVLM + ", 64"})
  void aTokenIsDroppedWithAllItsPatches(String graph, int edge) {
    try (OnnxVisionEncoder encoder = open(graph, cache)) {
      PatchTokens whole = encoder.encode(List.of(tiles(edge, 2)), Set.of());
      PatchTokens half = encode(encoder, tiles(edge, 2), "encoder3:flowcut(keep=0.5)");

      assertThat(half.size()).isEqualTo(whole.size() / 2);
      assertThat(half.ofTile(0)).hasSameSizeAs(half.ofTile(1));
      int[] kept = half.positions().stream().mapToInt(whole.positions()::indexOf).toArray();
      assertClose(half.features().data(), whole.features().rows(kept).data(), FEATURES, "features");
      PatchTokens early = encode(encoder, tiles(edge, 2), "encoder1:flowcut(keep=0.5)");
      assertThat(early.size()).isEqualTo(half.size());
    }
  }

  /** The flow through all layers, given without a cut, chooses as a decision behind the last. */
  @Test
  void afterTheEncoder_theFlowIsThatOfAllLayers() {
    try (OnnxVisionEncoder encoder = open(TINY, cache)) {
      PatchTokens tokens = encoder.encode(List.of(tiles(96, 1)), Set.of(new EncoderFlow()));
      Matrix flow = tokens.evidence(new EncoderFlow());
      assertThat(flow.rows()).isEqualTo(144);

      PruningPlan after = PruningPlan.parse("encoder:flowcut(tokens=36)");
      List<TokenPosition> chosen =
          tokens.reduced(after.reduce(dev.squint.pruner.Point.ENCODER, tokens)).positions();
      assertThat(encode(encoder, tiles(96, 1), "encoder4:flowcut(tokens=36)").positions())
          .isEqualTo(chosen);
      assertThatThrownBy(
              () ->
                  encoder.check(
                      PruningPlan.parse("encoder2:tome(keep=0.5) + encoder:flowcut(keep=0.5)")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("EncoderFlow[] is evidence of a layer before tokens are merged");
      assertThatThrownBy(
              () ->
                  encoder.check(
                      PruningPlan.parse("encoder1:flowcut(keep=0.5) + encoder:hiprune(keep=0.5)")))
          .hasMessageContaining("before tokens are dropped at encoder3");
    }
  }

  @Test
  void ofTokensThatAreEncoded_aShareStays() {
    try (OnnxVisionEncoder encoder = open(TINY, cache)) {
      PatchTokens quarter = encode(encoder, someGroups(), "encoder1:flowcut(keep=0.25)");

      assertThat(quarter.size()).isEqualTo(12);
      assertThat(quarter.positions())
          .extracting(position -> position.row() * 12 + position.col())
          .isSubsetOf(everyThird());
    }
  }

  /** 145 rows, 6 heads of 32, 3 layers until the decision. */
  @Test
  void operationsAreThoseOfTheLayersUntilTheLastDecision() {
    try (OnnxVisionEncoder encoder = open(TINY, cache)) {
      PatchTokens half = encode(encoder, tiles(96, 1), "encoder3:flowcut(keep=0.5)");

      double softmax = 6 * (2 * 145 * 32 + 4 * 145) + 7 * 145;
      double layer = 2 * softmax + 9 * 145 * 32 + 6 * 145;
      assertThat(half.operations()).isEqualTo(3 * layer + 2 * 3 * 144);
    }
  }
}
