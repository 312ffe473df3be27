package dev.squint.vision.encoder;

import static dev.squint.testing.Closeness.assertClose;
import static dev.squint.testing.Closeness.assertCloseAt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.pruner.Attention;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.ClsAttentionAt;
import dev.squint.pruner.evidence.ClsLogits;
import dev.squint.pruner.evidence.ClsQueryAndKey;
import dev.squint.pruner.evidence.EncoderHidden;
import dev.squint.pruner.evidence.EncoderKeys;
import dev.squint.pruner.evidence.EncoderLayerTokens;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.pruner.evidence.ReceivedAttention;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Closeness;
import dev.squint.testing.Tolerance;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.picture.Region;
import dev.squint.vision.tile.TilePlacement;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StagedEncodingTest {
  // A dot product of 16 and a logarithm, both rounded once more. Measured: 5.0e-8 of the scale
  // with AVX-512, 4.2e-8 with AVX2.
  private static final Tolerance LOGIT = Tolerance.relative(1e-6);
  // NumPy sums in another order. Measured: 5.0e-7 of the scale with AVX2 and AVX-512.
  private static final Tolerance ATTENTION = Tolerance.relative(1e-5);
  // Graphs with outputs added, or with other tiles beside, are computed in other blocks. Measured:
  // 6.5e-7 of the scale with AVX-512, 2.3e-7 with AVX2.
  private static final Tolerance FEATURES = Tolerance.relative(1e-5);

  private static final ClsAttention LAST = new ClsAttention(-1);
  private static final ClsAttention FIRST = new ClsAttention(0);
  private static final EncoderKeys KEYS = new EncoderKeys(-1);
  private static final EncoderHidden HIDDEN = new EncoderHidden(-1);
  private static final ClsLogits LOGITS = new ClsLogits(-1);
  private static final ClsQueryAndKey CLS = new ClsQueryAndKey(-1);

  /** Encoders of all patterns. */
  enum Graph {
    /** Attention spelled out, with a CLS token whose attention the graph gives. */
    TINY("../samples/tiny-vlm/package/onnx/vision_encoder.onnx", 96, 144),
    /** Attention spelled out, with a CLS token. */
    CLIP("../llm-decoder/src/test/resources/packages/llava/onnx/vision_encoder.onnx", 112, 64),
    /** MultiHeadAttention, without a CLS token. */
    FUSED("src/test/resources/graphs/fused-vision.onnx", 12, 9);

    private final Path file;
    private final int edge;
    private final int tokens;

    Graph(String file, int edge, int tokens) {
      this.file = Path.of(file);
      this.edge = edge;
      this.tokens = tokens;
    }

    private TiledImage picture(long seed, int tiles) {
      float[] pixels = new float[3 * edge * edge * tiles];
      Random random = new Random(seed);
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (float) random.nextGaussian();
      }
      return picture(pixels, tiles);
    }

    private TiledImage picture(float[] pixels, int tiles) {
      Region region = new Region(0, 0, edge, edge);
      return new TiledImage(
          edge,
          edge,
          edge,
          edge,
          IntStream.range(0, tiles).mapToObj(t -> new TilePlacement(null, region)).toList(),
          null,
          FloatBuffer.wrap(pixels));
    }
  }

  @TempDir Path folder;

  private OnnxVisionEncoder open(Graph graph) {
    return OnnxVisionEncoder.open(
        graph.file, SessionSettings.DEFAULT, new GraphRewriter(new GraphCache(folder)));
  }

  @Test
  void tappedAttention_isWhatTheGraphItselfGives() {
    try (OnnxVisionEncoder encoder = open(Graph.TINY)) {
      List<TiledImage> pictures = List.of(Graph.TINY.picture(1, 2), Graph.TINY.picture(2, 1));
      PatchTokens given = encoder.encode(pictures, Set.of(FIRST, LAST));
      PatchTokens tapped = encoder.encode(pictures, Set.of(FIRST, LAST, KEYS, HIDDEN));

      assertSame(tapped.features(), given.features());
      assertSame(tapped.evidence(FIRST).perHead(), given.evidence(FIRST).perHead());
      assertSame(tapped.evidence(LAST).perHead(), given.evidence(LAST).perHead());
      assertThat(tapped.evidence(LAST).substitute()).isFalse();
      assertThat(tapped.evidence(KEYS).rows().rows()).isEqualTo(3 * 144);
      assertThat(tapped.evidence(KEYS).heads()).isEqualTo(6);
      assertThat(tapped.evidence(HIDDEN).cols()).isEqualTo(192);
    }
  }

  @Test
  void receivedAttention_isTheMeanOverAllQueries_withoutAClsTokenThatOfTheSubstitute() {
    ReceivedAttention deep = new ReceivedAttention(1);
    ReceivedAttention early = new ReceivedAttention(0.01);
    ClsAttentionAt first = new ClsAttentionAt(0.01);
    try (OnnxVisionEncoder encoder = open(Graph.FUSED)) {
      PatchTokens tokens =
          encoder.encode(
              List.of(Graph.FUSED.picture(3, 1)), Set.of(FIRST, LAST, deep, early, first));
      assertThat(tokens.evidence(first)).isEqualTo(tokens.evidence(FIRST));
      assertSame(tokens.evidence(deep).perHead(), tokens.evidence(LAST).perHead());
      assertSame(tokens.evidence(early).perHead(), tokens.evidence(FIRST).perHead());
      assertThat(tokens.evidence(deep).substitute()).isFalse();
    }
    try (OnnxVisionEncoder encoder = open(Graph.CLIP)) {
      PatchTokens tokens = encoder.encode(List.of(Graph.CLIP.picture(3, 1)), Set.of(LAST, deep));
      Matrix received = tokens.evidence(deep).perHead();
      assertThat(received).isNotEqualTo(tokens.evidence(LAST).perHead());
      for (int head = 0; head < received.rows(); head++) {
        double sum = 0;
        for (float value : received.row(head)) {
          sum += value;
        }
        // All that 64 patches and the CLS token attend to, but for what the CLS token receives.
        assertThat(sum).isBetween(0.5, 1.0);
      }
    }
  }

  @Test
  void attentionThatTheGraphGives_costsNothing_whateverElseIsRead() {
    try (OnnxVisionEncoder encoder = open(Graph.TINY)) {
      List<TiledImage> pictures = List.of(Graph.TINY.picture(1, 2));
      assertThat(encoder.encode(pictures, Set.of(LAST)).operations()).isZero();
      assertThat(encoder.encode(pictures, Set.of(LAST, HIDDEN)).operations())
          .isEqualTo(encoder.encode(pictures, Set.of(HIDDEN)).operations());
    }
  }

  @Test
  void logitsAndTheClsTokensOwnRows_giveTheAttention() {
    try (OnnxVisionEncoder encoder = open(Graph.CLIP)) {
      PatchTokens tokens =
          encoder.encode(List.of(Graph.CLIP.picture(3, 1)), Set.of(LAST, LOGITS, CLS, KEYS));

      Matrix logits = tokens.evidence(LOGITS).perHead();
      Matrix attention = tokens.evidence(LAST).perHead();
      double scale = Closeness.scale(logits.data());
      for (int h = 0; h < logits.rows(); h++) {
        double constant = Math.log(attention.get(h, 0)) - logits.get(h, 0);
        for (int j = 0; j < logits.cols(); j++) {
          assertCloseAt(
              scale,
              Math.log(attention.get(h, j)) - logits.get(h, j),
              constant,
              LOGIT,
              "logarithm of the sum, head %d, token %d",
              h,
              j);
        }
      }
      float[] query = tokens.evidence(CLS).queries().row(0);
      float[] key = tokens.evidence(KEYS).rows().row(5);
      int dim = query.length / logits.rows();
      float dot = 0;
      for (int c = 0; c < dim; c++) {
        dot += query[c] * key[c];
      }
      assertCloseAt(scale, dot / Math.sqrt(dim), logits.get(0, 5), LOGIT, "logit of token 5");
    }
  }

  @Test
  void withoutAClsToken_attentionIsTheMeanOverAllQueries_andSaysSo() throws IOException {
    JsonNode expected =
        new ObjectMapper()
            .readTree(Path.of("src/test/resources/graphs/fused-vision.json").toFile());
    float[] pixels = new float[432];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) expected.get("pixel_values").get(i).asDouble();
    }
    try (OnnxVisionEncoder encoder = open(Graph.FUSED)) {
      assertThat(encoder.gives(LAST)).isTrue();
      assertThat(encoder.gives(new ClsAttention(3))).isFalse();
      assertThat(encoder.gives(new QuestionEmbeddings())).isFalse();
      Attention attention =
          encoder.encode(List.of(Graph.FUSED.picture(pixels, 1)), Set.of(LAST)).evidence(LAST);

      assertThat(attention.substitute()).isTrue();
      JsonNode all = expected.get("attention").get(2);
      double scale = Closeness.scale(attention.perHead().data());
      for (int h = 0; h < 3; h++) {
        for (int j = 0; j < 9; j++) {
          double mean = 0;
          for (int q = 0; q < 9; q++) {
            mean += all.get((h * 9 + q) * 9 + j).asDouble() / 9;
          }
          assertCloseAt(
              scale, attention.perHead().get(h, j), mean, ATTENTION, "head %d, token %d", h, j);
        }
      }
      assertThat(
              encoder
                  .encode(List.of(Graph.FUSED.picture(pixels, 1)), Set.of(LOGITS))
                  .evidence(LOGITS)
                  .substitute())
          .isTrue();
      assertThatThrownBy(() -> encoder.encode(List.of(Graph.FUSED.picture(pixels, 1)), Set.of(CLS)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("has no CLS token")
          .hasMessageContaining("variant=paper");
    }
  }

  @ParameterizedTest
  @EnumSource
  void mergingNothing_changesNothing(Graph graph) {
    try (OnnxVisionEncoder encoder = open(graph)) {
      List<TiledImage> pictures = List.of(graph.picture(4, 2));
      PatchTokens whole = encoder.encode(pictures, Set.of());
      PatchTokens staged =
          encode(encoder, pictures, "encoder1:tome(keep=1) + encoder2:tome(keep=1)");

      assertThat(staged.positions()).isEqualTo(whole.positions());
      assertThat(staged.patches()).containsOnly(1);
      assertSame(staged.features(), whole.features());
    }
  }

  @ParameterizedTest
  @EnumSource
  void mergedTokens_standForAllPatches(Graph graph) {
    try (OnnxVisionEncoder encoder = open(graph)) {
      List<TiledImage> pictures = List.of(graph.picture(5, 2), graph.picture(6, 1));
      PatchTokens tokens =
          encoder.encode(pictures, Set.of(LAST), PruningPlan.parse("encoder1:tome(keep=0.5)"));

      assertThat(tokens.size()).isEqualTo((int) Math.round(1.5 * graph.tokens));
      assertThat(IntStream.of(tokens.patches()).sum()).isEqualTo(3 * graph.tokens);
      assertThat(tokens.positions().stream().map(TokenPosition::tile).distinct())
          .containsExactly(0, 1, 2);
      for (int tile = 0; tile < 3; tile++) {
        double sum = 0;
        Matrix attention = tokens.tile(tile).evidence(LAST).perHead();
        for (float value : attention.row(0)) {
          sum += value;
        }
        // What is missing is the CLS token's own.
        assertThat(sum).isBetween(0.5, 1.0001);
      }
      PatchTokens windows = encode(encoder, pictures, "encoder1:mustdrop-vision(threshold=-1)");
      assertThat(windows.size()).isLessThan(3 * graph.tokens);
    }
  }

  @Test
  void layersSayHowManyTokensTheyRanOn() {
    EncoderLayerTokens ran = new EncoderLayerTokens();
    try (OnnxVisionEncoder encoder = open(Graph.CLIP)) {
      List<TiledImage> pictures = List.of(Graph.CLIP.picture(5, 1), Graph.CLIP.picture(6, 1));
      PatchTokens tokens =
          encoder.encode(pictures, Set.of(ran), PruningPlan.parse("encoder1:tome(keep=0.5)"));

      Matrix layers = tokens.evidence(ran);
      assertThat(layers.rows()).isEqualTo(2);
      // Without the CLS token: all, then what is left of each tile.
      assertThat(layers.get(0, 0)).isEqualTo(64);
      assertThat(layers.get(1, 0)).isEqualTo(64);
      assertThat(layers.get(0, 1)).isEqualTo(tokens.ofTile(0).length);
      assertThat(layers.get(1, 1)).isEqualTo(tokens.ofTile(1).length);
      assertThat(encoder.gives(ran)).isTrue();
      assertThatThrownBy(() -> encoder.encode(pictures, Set.of(ran)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is evidence of plans that act inside the encoder");
    }
  }

  @Test
  void tilesEncodedTogether_giveWhatTheyGiveAlone() {
    String plan = "encoder1:tome(keep=0.5) + encoder3:tome(keep=0.5)";
    try (OnnxVisionEncoder encoder = open(Graph.TINY)) {
      TiledImage one = Graph.TINY.picture(7, 1);
      TiledImage other = Graph.TINY.picture(8, 1);
      PatchTokens together = encode(encoder, List.of(one, other), plan);
      PatchTokens alone = encode(encoder, List.of(other), plan);

      assertThat(alone.size()).isEqualTo(36);
      assertSame(together.tile(1).features(), alone.features());
    }
  }

  @Test
  void whatCannotBeDone_isRefusedBeforeAnythingRuns() {
    try (OnnxVisionEncoder encoder = open(Graph.TINY)) {
      assertThatThrownBy(() -> encoder.check(PruningPlan.parse("encoder5:tome(keep=0.5)")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the encoder has 4 layers, so there is no point 'encoder5'; choose encoder1 to encoder4");
      assertThatThrownBy(
              () ->
                  encoder.check(
                      PruningPlan.parse("encoder2:tome(keep=0.5) + encoder:hired(keep=0.5)")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is evidence of a layer before tokens are merged at encoder2");
      encoder.check(PruningPlan.parse("encoder2:tome(keep=0.5) + encoder:visionzip(keep=0.5)"));
      encoder.check(PruningPlan.parse("encoder:hired(keep=0.5)"));
    }
  }

  /** Also where the grid was read before. */
  @Test
  void closedEncoder_hasNoGroupsOfPatches() {
    TiledImage picture = Graph.CLIP.picture(1, 1);
    OnnxVisionEncoder encoder = open(Graph.CLIP);
    assertThat(encoder.groups(picture)).isEqualTo(new TokenGrid(8, 8));
    encoder.close();
    for (TiledImage each : List.of(picture, Graph.FUSED.picture(1, 1))) {
      assertThatThrownBy(() -> encoder.groups(each))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("vision_encoder.onnx is closed");
    }
  }

  private static PatchTokens encode(
      OnnxVisionEncoder encoder, List<TiledImage> pictures, String plan) {
    return encoder.encode(pictures, Set.of(), PruningPlan.parse(plan));
  }

  private static void assertSame(Matrix actual, Matrix expected) {
    assertThat(actual.rows()).isEqualTo(expected.rows());
    assertClose(actual.data(), expected.data(), FEATURES, "values");
  }
}
