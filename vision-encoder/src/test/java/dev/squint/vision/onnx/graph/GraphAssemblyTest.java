package dev.squint.vision.onnx.graph;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.testing.Tolerance;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.proto.ModelProto;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts of Janus's graphs, two of them joined, and the graphs of Phi-3.5-vision. */
class GraphAssemblyTest {

  private static final Path ONNX = Path.of("../llm-decoder/src/test/resources/packages/janus/onnx");
  private static final Path PHI = ONNX.resolve("../../phi3-v/onnx");
  private static final Path INPUTS = ONNX.resolve("prepare_inputs_embeds.onnx");

  // Other optimisations may apply to a part of a graph.
  private static final Tolerance SAME = Tolerance.relative(1e-5);

  private static final int EDGE = 56;
  private static final int TOKENS = 64;
  private static final int SIZE = 64;

  @TempDir private Path folder;

  private GraphAssembly assembly() {
    return new GraphAssembly(new GraphCache(folder.resolve("cache")));
  }

  @Test
  void thePartsOfOneGraph_giveWhatItGives() {
    long[] ids = new long[TOKENS + 3];
    Arrays.setAll(ids, i -> i < TOKENS ? 0 : 5 + i);
    boolean[] visual = new boolean[ids.length];
    Arrays.fill(visual, 0, TOKENS, true);
    FloatBuffer pixels = FloatBuffer.allocate(3 * EDGE * EDGE);
    for (int i = 0; i < pixels.capacity(); i++) {
      pixels.put(i, i * 7919 % 1009 / 504.5f - 1);
    }
    Path words = assembly().part(INPUTS, "input_ids", "inputs_embeds", "embed_tokens.onnx");
    Path tower = assembly().part(INPUTS, "pixel_values", "image_features", "vision_encoder.onnx");
    float[] embeddings = embeddings(words, ids);
    float[] features = features(tower, pixels);
    float[] expected = embeddings.clone();
    System.arraycopy(features, 0, expected, 0, features.length);

    assertThat(features).hasSize(TOKENS * SIZE);
    try (OnnxSession whole = open(INPUTS);
        OnnxTensor tokens = whole.longs("input_ids", ids, 1, ids.length);
        OnnxTensor picture = whole.floats("pixel_values", pixels, 1, 1, 3, EDGE, EDGE);
        OnnxTensor places = whole.mask("images_seq_mask", List.of(visual));
        OnnxTensor all = whole.ones("images_emb_mask", 1, 1, TOKENS);
        OrtSession.Result result =
            whole.run(
                Map.of(
                    "input_ids",
                    tokens,
                    "pixel_values",
                    picture,
                    "images_seq_mask",
                    places,
                    "images_emb_mask",
                    all),
                Set.of("inputs_embeds"))) {
      assertClose(floats(result), expected, SAME, "the whole graph");
    }
  }

  @Test
  void aPartWhoseWeightsAreInAnotherFile_givesTheSame() throws IOException {
    Path package1 = Files.createDirectories(folder.resolve("package"));
    Path external = external(INPUTS, package1);
    long[] ids = {7, 8, 9};

    Path own = assembly().part(INPUTS, "input_ids", "inputs_embeds", "embed_tokens.onnx");
    Path linked = assembly().part(external, "input_ids", "inputs_embeds", "embed_tokens.onnx");

    assertThat(linked.resolveSibling("inputs.data")).exists();
    assertThat(embeddings(linked, ids)).containsExactly(embeddings(own, ids));
  }

  @Test
  void otherWeightsInAnotherFile_giveOtherGraphs() throws IOException {
    Path external = external(INPUTS, Files.createDirectories(folder.resolve("package")));
    Path weights = external.resolveSibling("inputs.data");
    long[] ids = {7, 8, 9};
    Path first = assembly().part(external, "input_ids", "inputs_embeds", "embed_tokens.onnx");
    float[] before = embeddings(first, ids);
    FileTime later =
        FileTime.from(Files.getLastModifiedTime(weights).toInstant().plus(Duration.ofSeconds(1)));
    byte[] content = Files.readAllBytes(weights);
    for (int i = 3; i < content.length; i += Float.BYTES) {
      content[i] ^= (byte) 0x80; // The sign.
    }
    // Another file of the same name and size, as a new download makes it.
    Files.delete(weights);
    Files.write(weights, content);
    Files.setLastModifiedTime(weights, later);

    Path second = assembly().part(external, "input_ids", "inputs_embeds", "embed_tokens.onnx");

    float[] negated = embeddings(second, ids);
    for (int i = 0; i < before.length; i++) {
      assertThat(negated[i]).isEqualTo(-before[i]);
    }
    assertThat(second).isNotEqualTo(first);
    assertThat(assembly().part(external, "input_ids", "inputs_embeds", "embed_tokens.onnx"))
        .isEqualTo(second);
  }

  @Test
  void whatWasMade_isFoundAgain() throws IOException {
    Path first = assembly().part(INPUTS, "pixel_values", "image_features", "vision_encoder.onnx");
    Object written = Files.getLastModifiedTime(first);

    assertThat(assembly().part(INPUTS, "pixel_values", "image_features", "vision_encoder.onnx"))
        .isEqualTo(first);
    assertThat(Files.getLastModifiedTime(first)).isEqualTo(written);
    try (Stream<Path> files = Files.list(first.getParent())) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void joinedGraphs_areOneDecoder() {
    Path joined =
        assembly()
            .joined(
                ONNX.resolve("language_model.onnx"),
                ONNX.resolve("lm_head.onnx"),
                "decoder_model_merged.onnx");
    try (OnnxSession decoder = open(joined)) {
      assertThat(decoder.inputs()).containsKeys("inputs_embeds", "past_key_values.3.value");
      assertThat(decoder.outputs())
          .containsKeys("logits", "present.3.value")
          .doesNotContainKey("last_hidden_state");
    }
    assertThat(GraphRewriter.layers(joined, GraphKind.DECODER)).hasSize(4);
  }

  @Test
  void graphsThatDoNotFit_areRefusedByName() {
    assertThatThrownBy(
            () -> assembly().joined(ONNX.resolve("lm_head.onnx"), INPUTS, "decoder.onnx"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("prepare_inputs_embeds.onnx takes")
        .hasMessageContaining("lm_head.onnx returns");
    assertThatThrownBy(() -> assembly().part(INPUTS, "pixels", "image_features", "v.onnx"))
        .hasMessageContaining("prepare_inputs_embeds.onnx: the graph has no input 'pixels'");
    assertThatThrownBy(
            () -> assembly().part(ONNX.resolve("lm_head.onnx"), "last_hidden_state", "x", "v.onnx"))
        .hasMessageContaining("Squint can separate exactly one tensor");
  }

  @Test
  void tilesOfAPicture_haveTheFeaturesThatThePictureHas() {
    int tile = 3 * 336 * 336;
    FloatBuffer pixels = FloatBuffer.allocate(7 * tile);
    for (int i = 0; i < pixels.capacity(); i++) {
      pixels.put(i, i * 7919L % 1009 / 504.5f - 1);
    }
    float[] packed;
    try (OnnxSession picture = open(PHI.resolve("vision_encoder.onnx"));
        OnnxTensor tiles = picture.floats("pixel_values", pixels.duplicate(), 1, 7, 3, 336, 336);
        OnnxTensor size = picture.longs("image_sizes", new long[] {672, 1008}, 1, 2);
        OrtSession.Result result =
            picture.run(
                Map.of("pixel_values", tiles, "image_sizes", size), Set.of("image_features"))) {
      packed = floats(result);
    }
    Path tiled =
        assembly().tileByTile(PHI.resolve("vision_encoder.onnx"), 336, 4, "vision_encoder.onnx");
    try (OnnxSession encoder = open(tiled);
        OnnxTensor tiles = encoder.floats("pixel_values", pixels.duplicate(), 7, 3, 336, 336);
        OnnxTensor alone =
            encoder.floats("pixel_values", pixels.slice(5 * tile, tile), 1, 3, 336, 336)) {
      float[] features = run(encoder, tiles, "image_features");
      // Two rows of three crops of 4 x 4, each row of 12 tokens ended; then the separator.
      int row = 3 * 4 + 1;
      assertSame(features, 0, packed, 8 * row + 1, 4);
      assertSame(features, 16 + 16 + 2 * 4, packed, 2 * row + 4, 4);
      assertSame(features, 16 * 5 + 3 * 4, packed, 7 * row + 4, 4);
      assertSame(run(encoder, tiles, "image_newline"), 0, packed, 5 * row + 12, 1);
      assertSame(run(encoder, tiles, "image_separator"), 0, packed, 8 * row, 1);
      assertSame(run(encoder, alone, "image_features"), 0, features, 5 * 16, 16);
    }
  }

  private static void assertSame(float[] actual, int row, float[] expected, int from, int rows) {
    assertClose(
        Arrays.copyOfRange(actual, row * SIZE, (row + rows) * SIZE),
        Arrays.copyOfRange(expected, from * SIZE, (from + rows) * SIZE),
        SAME,
        "rows from %d",
        row);
  }

  private static float[] run(OnnxSession session, OnnxTensor pixels, String output) {
    try (OrtSession.Result result = session.run(Map.of("pixel_values", pixels), Set.of(output))) {
      return floats(result);
    }
  }

  @Test
  void anInputWithoutRows_needsNoValue() {
    Path words =
        assembly()
            .withEmpty(
                PHI.resolve("prepare_inputs_embeds.onnx"), "image_features", "embed_tokens.onnx");

    assertThat(embeddings(words, new long[] {7, 8, 9})).hasSize(3 * SIZE);
  }

  @Test
  void graphsOfAnotherKind_areRefusedByTheirInputs() {
    Path encoder = PHI.resolve("vision_encoder.onnx");
    assertThatThrownBy(() -> assembly().tileByTile(INPUTS, 336, 4, "v.onnx"))
        .hasMessageContaining("prepare_inputs_embeds.onnx: the graph takes [")
        .hasMessageContaining("Squint needs one from pixel_values");
    assertThatThrownBy(() -> assembly().withEmpty(encoder, "image_features", "e.onnx"))
        .hasMessageContaining("Squint needs an input 'image_features' of two dimensions");
  }

  private static Path external(Path graph, Path folder) throws IOException {
    OnnxModel model = OnnxModel.read(graph);
    Weights weights = Weights.of(model.graph());
    try (FileChannel data =
        FileChannel.open(
            folder.resolve("inputs.data"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE)) {
      weights.write(data);
    }
    ModelProto moved =
        model.proto().toBuilder().setGraph(weights.movedTo("inputs.data", model.graph())).build();
    Path file = folder.resolve("inputs.onnx");
    try (OutputStream out = Files.newOutputStream(file)) {
      moved.writeTo(out);
    }
    return file;
  }

  private static OnnxSession open(Path graph) {
    return OnnxSession.open(graph, SessionSettings.DEFAULT);
  }

  private static float[] embeddings(Path graph, long[] ids) {
    try (OnnxSession session = open(graph);
        OnnxTensor tokens = session.longs("input_ids", ids, 1, ids.length);
        OrtSession.Result result =
            session.run(Map.of("input_ids", tokens), Set.of("inputs_embeds"))) {
      assertThat(session.inputs()).containsOnlyKeys("input_ids");
      return floats(result);
    }
  }

  private static float[] features(Path graph, FloatBuffer pixels) {
    try (OnnxSession session = open(graph);
        OnnxTensor picture = session.floats("pixel_values", pixels, 1, 1, 3, EDGE, EDGE);
        OrtSession.Result result =
            session.run(Map.of("pixel_values", picture), Set.of("image_features"))) {
      assertThat(session.inputs()).containsOnlyKeys("pixel_values");
      return floats(result);
    }
  }

  private static float[] floats(OrtSession.Result result) {
    FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
    float[] all = new float[values.remaining()];
    values.get(all);
    return all;
  }
}
