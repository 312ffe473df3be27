package dev.squint.vision.encoder;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.DeepFeatures;
import dev.squint.pruner.evidence.EncoderHidden;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.TensorSpec;
import dev.squint.vision.onnx.graph.GraphAssembly;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.picture.Region;
import dev.squint.vision.tile.KeptGroups;
import dev.squint.vision.tile.PatchLayout;
import dev.squint.vision.tile.TilePlacement;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encoders whose layers run on some of a tile's patches. */
class SomePatchesTest {
  private static final Path PACKAGES = Path.of("../llm-decoder/src/test/resources/packages");
  private static final Path TINY = Path.of("../samples/tiny-vlm/package/onnx");
  private static final ObjectMapper JSON = new ObjectMapper();

  // PyTorch sums in another order.
  private static final Tolerance PYTORCH = Tolerance.relative(1e-3);
  // Graphs that are cut, or have other tiles beside, are computed in other blocks.
  private static final Tolerance FEATURES = Tolerance.relative(1e-5);
  // Three layers in 16-bit floats, rounded at other places where the graph is cut.
  private static final Tolerance HALVES = Tolerance.relative(2e-2);

  @TempDir private static Path cache;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "smolvlm2",
        "llava",
        "llava-onevision",
        "llava-onevision-anyres",
        "llava-next",
        "internvl",
        "janus",
        "phi3-v",
        "moondream1",
        "paligemma",
        "gemma3",
        "qwen2-vl",
        "qwen2.5-vl",
        "qwen3-vl",
        "qwen3.5",
        "glm-ocr"
      })
  void featuresAreThoseOfPyTorch_whereLayersSeeTheSamePatches(String name) throws IOException {
    Path folder = PACKAGES.resolve(name);
    JsonNode expected = JSON.readTree(folder.resolve("test/patches.json").toFile());
    try (OnnxVisionEncoder encoder = open(graph(folder))) {
      List<Integer> size = integers(expected.get("size"));
      TiledImage tile = pattern(size.get(0), size.get(1), 1, layout(name));
      TokenGrid grid = encoder.groups(tile);
      assertThat(grid.rows() * grid.cols()).isEqualTo(expected.get("groups").intValue());
      for (JsonNode of : expected.get("cases")) {
        List<Integer> kept = integers(of.get("kept"));

        Set<Evidence<?>> deep = new LinkedHashSet<>();
        for (int level = 0; level < of.path("deepstack_features").size(); level++) {
          deep.add(new DeepFeatures(level));
        }

        PatchTokens tokens = encoder.encode(List.of(keeping(tile, grid, kept)), deep);

        assertThat(List.of(tokens.size(), tokens.features().cols()))
            .isEqualTo(integers(of.get("features").get("shape")));
        assertThat(tokens.positions().stream().map(p -> p.row() * grid.cols() + p.col()))
            .containsExactlyElementsOf(kept);
        assertSamples(tokens.features(), of.get("features"), name + " " + kept);
        for (int level = 0; level < deep.size(); level++) {
          assertSamples(
              tokens.evidence(new DeepFeatures(level)),
              of.get("deepstack_features").get(level),
              name + " level " + level);
        }
      }
    }
  }

  /** Janus has one graph for pictures and text. */
  private static Path graph(Path folder) {
    Path own = folder.resolve("onnx/vision_encoder.onnx");
    GraphAssembly assembly = new GraphAssembly(new GraphCache(cache));
    if (folder.endsWith("phi3-v")) {
      return assembly.tileByTile(own, 336, 4, "vision_encoder.onnx");
    }
    return Files.exists(own)
        ? own
        : assembly.part(
            folder.resolve("onnx/prepare_inputs_embeds.onnx"),
            "pixel_values",
            "image_features",
            "vision_encoder.onnx");
  }

  @ParameterizedTest
  @ValueSource(strings = {"vision_encoder.onnx", "vision_encoder_quantized.onnx"})
  void aTileWithAllGroups_isAsInTheGraphThatIsNotCut(String graph) {
    assertWholeAsCut(TINY.resolve(graph), FEATURES);
  }

  @Test
  void halves_areAsInTheGraphThatIsNotCut() {
    assertWholeAsCut(
        PACKAGES.resolve("llava-onevision-variants/onnx/vision_encoder_fp16.onnx"), HALVES);
  }

  /** In one request with a tile of which patches are left out, so that the graph is cut. */
  private static void assertWholeAsCut(Path graph, Tolerance tolerance) {
    try (OnnxVisionEncoder encoder = open(graph)) {
      TiledImage one = pattern(size(encoder), 1);
      TokenGrid grid = encoder.groups(one);
      int groups = grid.rows() * grid.cols();

      PatchTokens whole = encoder.encode(List.of(one), Set.of());
      PatchTokens both =
          encoder.encode(
              List.of(keeping(one, grid, all(groups)), keeping(one, grid, List.of(0))), Set.of());

      assertThat(both.size()).isEqualTo(groups + 1);
      assertClose(
          Arrays.copyOf(both.features().data(), whole.features().data().length),
          whole.features().data(),
          tolerance,
          graph.toString());
    }
  }

  @Test
  void evidence_isAboutTheKeptTokens() throws IOException {
    try (OnnxVisionEncoder encoder = open(TINY.resolve("vision_encoder.onnx"))) {
      TiledImage tile = pattern(size(encoder), 1);
      TokenGrid grid = encoder.groups(tile);
      List<Integer> kept = List.of(0, 7, 30, 143);
      Set<Evidence<?>> wanted = Set.of(new ClsAttention(-1), new EncoderHidden(-1));

      PatchTokens tokens = encoder.encode(List.of(keeping(tile, grid, kept)), wanted);

      assertThat(tokens.positions())
          .containsExactly(
              new TokenPosition(0, 0, 0, 0),
              new TokenPosition(0, 0, 0, 7),
              new TokenPosition(0, 0, 2, 6),
              new TokenPosition(0, 0, 11, 11));
      float[] attention = tokens.evidence(new ClsAttention(-1)).perHead().columnMeans();
      assertThat(attention).hasSize(4);
      // The CLS token attends to itself and to the kept patches, to nothing else.
      double sum = IntStream.range(0, 4).mapToDouble(i -> attention[i]).sum();
      assertThat(sum).isBetween(0.2, 1.0);
      assertThat(tokens.evidence(new EncoderHidden(-1)).rows()).isEqualTo(4);
    }
  }

  @Test
  void mergingInside_actsOnTheKeptPatches() {
    try (OnnxVisionEncoder encoder = open(PACKAGES.resolve("llava/onnx/vision_encoder.onnx"))) {
      TiledImage tile = pattern(size(encoder), 1);
      TokenGrid grid = encoder.groups(tile);
      List<Integer> kept = IntStream.range(0, 32).mapToObj(i -> 2 * i).toList();
      PruningPlan plan = PruningPlan.parse("encoder2:tome(tokens=10)");

      PatchTokens tokens = encoder.encode(List.of(keeping(tile, grid, kept)), Set.of(), plan);

      assertThat(tokens.size()).isEqualTo(10);
      assertThat(IntStream.of(tokens.patches()).sum()).isEqualTo(32);
      assertThat(tokens.positions().stream().map(p -> p.row() * grid.cols() + p.col()))
          .isSubsetOf(kept);
    }
  }

  @Test
  void mergingInside_worksWhereSeveralPatchesMakeAToken() {
    try (OnnxVisionEncoder encoder = open(PACKAGES.resolve("smolvlm2/onnx/vision_encoder.onnx"))) {
      TiledImage tile = pattern(size(encoder), 1);
      TokenGrid grid = encoder.groups(tile);
      PruningPlan plan = PruningPlan.parse("encoder2:tome(tokens=5)");

      PatchTokens tokens =
          encoder.encode(List.of(keeping(tile, grid, List.of(1, 6, 12))), Set.of(), plan);

      assertThat(tokens.positions().stream().map(p -> p.row() * grid.cols() + p.col()))
          .containsExactly(1, 6, 12);
    }
  }

  @Test
  void tilesWithDifferentGroups_areEncodedAsIfAlone() {
    try (OnnxVisionEncoder encoder = open(PACKAGES.resolve("smolvlm2/onnx/vision_encoder.onnx"))) {
      TiledImage two = pattern(size(encoder), 2);
      TokenGrid grid = encoder.groups(two);
      KeptGroups first = new KeptGroups(grid, List.of(2, 3));
      KeptGroups second = new KeptGroups(grid, List.of(0, 4, 5, 9, 15));

      PatchTokens together = encoder.encode(List.of(two.keeping(List.of(first, second))), Set.of());
      PatchTokens alone =
          encoder.encode(List.of(two.keeping(List.of(first, second)).only(1)), Set.of());

      assertThat(together.ofTile(1)).hasSize(5);
      assertClose(
          together.tile(1).features().data(), alone.features().data(), FEATURES, "second tile");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"smolvlm2", "llava", "gemma3"})
  void tilesWithAsManyGroups_areEncodedAsIfAlone(String name) {
    try (OnnxVisionEncoder encoder = open(PACKAGES.resolve(name + "/onnx/vision_encoder.onnx"))) {
      TiledImage three = pattern(size(encoder), 3);
      TokenGrid grid = encoder.groups(three);
      TiledImage some =
          three.keeping(
              Stream.of(List.of(0, 1), List.of(1, 3), List.of(2, 3))
                  .map(groups -> new KeptGroups(grid, groups))
                  .toList());

      PatchTokens together = encoder.encode(List.of(some), Set.of());
      for (int t = 0; t < 3; t++) {
        PatchTokens alone = encoder.encode(List.of(some.only(t)), Set.of());
        assertThat(together.ofTile(t)).hasSize(2);
        assertClose(
            together.tile(t).features().data(), alone.features().data(), FEATURES, "tile " + t);
      }
    }
  }

  @Test
  void theCache_tellsTheGroupsApart() {
    try (OnnxVisionEncoder encoder = open(PACKAGES.resolve("smolvlm2/onnx/vision_encoder.onnx"))) {
      EncoderCache cached = new EncoderCache(encoder, EncoderCache.DEFAULT_MAX_BYTES);
      TiledImage tile = pattern(size(encoder), 1);
      TokenGrid grid = encoder.groups(tile);
      TiledImage some = keeping(tile, grid, List.of(1, 2));

      assertThat(cached.encode(List.of(tile), Set.of()).fromCache()).isFalse();
      assertThat(cached.encode(List.of(some), Set.of()).fromCache()).isFalse();
      assertThat(cached.encode(List.of(some), Set.of()).fromCache()).isTrue();
      assertThat(cached.encode(List.of(some), Set.of()).tokens().size()).isEqualTo(2);
      assertThat(cached.encode(List.of(keeping(tile, grid, List.of(1, 3))), Set.of()).fromCache())
          .isFalse();
      // With all groups it is the tile that was encoded first.
      assertThat(cached.encode(List.of(keeping(tile, grid, all(16))), Set.of()).fromCache())
          .isTrue();
    }
  }

  @Test
  void convolutionalEncoders_areRefusedByName() {
    try (OnnxVisionEncoder encoder = open(PACKAGES.resolve("fastvlm/onnx/vision_encoder.onnx"))) {
      PruningPlan plan = PruningPlan.parse("patches:random(keep=0.5)");

      assertThatThrownBy(() -> encoder.check(plan))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("vision_encoder.onnx")
          .hasMessageContaining("use tiles or encoder instead of patches");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen2-vl", "qwen2.5-vl", "qwen3-vl", "qwen3.5"})
  void encodersThatTakePatches_giveTheSameForAll(String name) {
    try (OnnxVisionEncoder encoder =
        open(PACKAGES.resolve(name).resolve("onnx/vision_encoder.onnx"))) {
      PatchLayout layout = Objects.requireNonNull(layout(name));
      TiledImage one = pattern(4 * layout.patch(), 8 * layout.patch(), 1, layout);
      TokenGrid grid = encoder.groups(one);
      assertThat(grid).isEqualTo(new TokenGrid(2, 4));

      PatchTokens whole = encoder.encode(List.of(one), Set.of());
      // With a tile of which patches are left out, so that the graph is rewritten.
      PatchTokens both =
          encoder.encode(
              List.of(keeping(one, grid, List.of(5)), keeping(one, grid, all(8))), Set.of());

      assertThat(both.size()).isEqualTo(9);
      assertThat(both.positions().get(0)).isEqualTo(new TokenPosition(0, 0, 1, 1));
      assertClose(both.tile(1).features().data(), whole.features().data(), FEATURES, name);
    }
  }

  private static void assertSamples(Matrix values, JsonNode expected, String what) {
    JsonNode samples = expected.get("samples");
    float[] given = new float[samples.size()];
    float[] wanted = new float[given.length];
    for (int i = 0; i < given.length; i++) {
      given[i] = values.data()[samples.get(i).get(0).intValue()];
      wanted[i] = samples.get(i).get(1).floatValue();
    }
    assertClose(given, wanted, PYTORCH, what);
  }

  /** How the Qwen packages take patches; null for others. */
  private static @Nullable PatchLayout layout(String name) {
    return name.startsWith("qwen") || name.equals("glm-ocr")
        ? new PatchLayout(name.startsWith("qwen3") ? 16 : 14, 2, 2)
        : null;
  }

  private static List<Integer> integers(JsonNode array) {
    return IntStream.range(0, array.size()).mapToObj(i -> array.get(i).intValue()).toList();
  }

  private static OnnxVisionEncoder open(Path graph) {
    return OnnxVisionEncoder.open(
        graph, SessionSettings.DEFAULT, new GraphRewriter(new GraphCache(cache)));
  }

  private static int size(OnnxVisionEncoder encoder) {
    TensorSpec pixels = Objects.requireNonNull(encoder.session().inputs().get("pixel_values"));
    return (int) pixels.fixed(-1).orElseThrow();
  }

  private static TiledImage pattern(int size, int tiles) {
    return pattern(size, size, tiles, null);
  }

  /** The tile of samples/fixtures/packages/patches.py, and more of them. */
  private static TiledImage pattern(
      int height, int width, int tiles, @Nullable PatchLayout layout) {
    int length = 3 * height * width * tiles;
    FloatBuffer pixels = DirectBuffers.floats(length);
    for (int i = 0; i < length; i++) {
      pixels.put((float) (i * 7919L % 1009 / 504.5 - 1));
    }
    TilePlacement placement = new TilePlacement(null, new Region(0, 0, width, height));
    return new TiledImage(
        width, height, width, height, Collections.nCopies(tiles, placement), layout, pixels.flip());
  }

  private static TiledImage keeping(TiledImage tile, TokenGrid grid, List<Integer> kept) {
    return tile.keeping(List.of(new KeptGroups(grid, kept)));
  }

  private static List<Integer> all(int groups) {
    return IntStream.range(0, groups).boxed().toList();
  }
}
