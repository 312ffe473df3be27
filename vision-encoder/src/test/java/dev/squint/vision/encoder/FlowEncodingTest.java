package dev.squint.vision.encoder;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.evidence.EncoderFlow;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.picture.Region;
import dev.squint.vision.tile.KeptGroups;
import dev.squint.vision.tile.TilePlacement;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** FlowCut inside encoders. */
class FlowEncodingTest {
  private static final Path PACKAGES = Path.of("../llm-decoder/src/test/resources/packages");
  private static final String LLAVA = "llava/onnx/vision_encoder.onnx";
  private static final Path TINY = Path.of("../samples/tiny-vlm/package/onnx/vision_encoder.onnx");
  private static final ObjectMapper JSON = new ObjectMapper();

  // PyTorch sums in another order.
  private static final Tolerance PYTORCH = Tolerance.relative(1e-3);
  // Graphs that are cut are computed in other blocks.
  private static final Tolerance FEATURES = Tolerance.relative(1e-5);

  @TempDir private static Path cache;

  private static OnnxVisionEncoder open(Path graph) {
    return OnnxVisionEncoder.open(
        graph, SessionSettings.DEFAULT, new GraphRewriter(new GraphCache(cache)));
  }

  static TiledImage tiles(int edge, int tiles) {
    int length = 3 * edge * edge * tiles;
    FloatBuffer pixels = DirectBuffers.floats(length);
    for (int i = 0; i < length; i++) {
      pixels.put((float) (i * 7919L % 1009 / 504.5 - 1));
    }
    TilePlacement placement = new TilePlacement(null, new Region(0, 0, edge, edge));
    return new TiledImage(
        edge, edge, edge, edge, Collections.nCopies(tiles, placement), null, pixels.flip());
  }

  private static PatchTokens encode(OnnxVisionEncoder encoder, TiledImage picture, String plan) {
    return encoder.encode(List.of(picture), Set.of(), PruningPlan.parse(plan));
  }

  @Test
  void tokensAndFeaturesAreThoseOfTheAuthorsCode() throws IOException {
    JsonNode expected = JSON.readTree(Path.of("src/test/resources/graphs/flowcut.json").toFile());
    try (OnnxVisionEncoder encoder = open(PACKAGES.resolve(LLAVA))) {
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
  @CsvSource({LLAVA + ", 112", "smolvlm2/onnx/vision_encoder.onnx, 64"})
  void aBudgetOfAllTokensChangesNothing(String graph, int edge) {
    try (OnnxVisionEncoder encoder = open(PACKAGES.resolve(graph))) {
      PatchTokens whole = encoder.encode(List.of(tiles(edge, 2)), Set.of());
      PatchTokens all = encode(encoder, tiles(edge, 2), "encoder1:flowcut(keep=1, every=1)");

      assertThat(all.positions()).isEqualTo(whole.positions());
      assertClose(all.features().data(), whole.features().data(), FEATURES, "features");
    }
  }

  /** Behind the last layer the features of the others do not change. */
  @ParameterizedTest
  @CsvSource({LLAVA + ", 112", "smolvlm2/onnx/vision_encoder.onnx, 64"})
  void aTokenIsDroppedWithAllItsPatches(String graph, int edge) {
    try (OnnxVisionEncoder encoder = open(PACKAGES.resolve(graph))) {
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
    try (OnnxVisionEncoder encoder = open(TINY)) {
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
    try (OnnxVisionEncoder encoder = open(TINY)) {
      List<Integer> kept = IntStream.range(0, 48).mapToObj(i -> 3 * i).toList();
      TiledImage some = tiles(96, 1).keeping(List.of(new KeptGroups(new TokenGrid(12, 12), kept)));

      PatchTokens quarter = encode(encoder, some, "encoder1:flowcut(keep=0.25)");

      assertThat(quarter.size()).isEqualTo(12);
      assertThat(quarter.positions())
          .extracting(position -> position.row() * 12 + position.col())
          .isSubsetOf(kept);
    }
  }

  /** 145 rows, 6 heads of 32, 3 layers until the decision. */
  @Test
  void operationsAreThoseOfTheLayersUntilTheLastDecision() {
    try (OnnxVisionEncoder encoder = open(TINY)) {
      PatchTokens half = encode(encoder, tiles(96, 1), "encoder3:flowcut(keep=0.5)");

      double softmax = 6 * (2 * 145 * 32 + 4 * 145) + 7 * 145;
      double layer = 2 * softmax + 9 * 145 * 32 + 6 * 145;
      assertThat(half.operations()).isEqualTo(3 * layer + 2 * 3 * 144);
    }
  }
}
