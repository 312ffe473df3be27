package dev.squint.llm.decoder;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.squint.llm.decoder.batch.Sharing;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CacheInPlace;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.TensorProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention that is built from single operators becomes one operator where that is the same. */
class FusedAttentionTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final String PLAIN = "smolvlm2";
  private static final int PROMPT = 23;

  /** More than the room that is made in a cache at a time. */
  private static final int STEPS = 70;

  /** Sums in another order. Measured: 3e-6 of the scale. */
  private static final Tolerance ROUNDING = Tolerance.relative(1e-4);

  @TempDir private Path folder;

  private GraphRewriter rewriter() {
    return new GraphRewriter(new GraphCache(folder.resolve("cache")));
  }

  private Optional<CutGraph> fused(Path graph) {
    return rewriter().fused(graph);
  }

  private static Path graph(String name) {
    return ModelPackage.read(PACKAGES.resolve(name)).graph(Session.DECODER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fastvlm",
        "glm-ocr",
        "granite-vision",
        "internvl",
        "lighton-ocr",
        "llava",
        "llava-next",
        "llava-onevision",
        "mistral3",
        "moondream1",
        "phi3-v",
        "pixtral",
        "qwen2-vl",
        "qwen2.5-vl",
        "qwen3-vl",
        "smolvlm2"
      })
  void stepsWriteIntoTheCache(String name) {
    Path graph = graph(name);
    assertThat(CacheInPlace.isPossible(graph)).isFalse();
    CutGraph fused = fused(graph).orElseThrow();
    assertThat(fused.stages()).hasSize(1);
    assertThat(CacheInPlace.isPossible(fused.file(0))).isTrue();
    assertThat(fused.layers()).allMatch(layer -> !layer.isSpelledOut());
  }

  @ParameterizedTest
  @CsvSource({
    "gemma3, hides some of 33000 tokens from the last one",
    "gemma3-types, attention reads the input 'token_type_ids'",
    "paligemma, does not hide later tokens",
    "gemma3n, no input 'attention_mask'",
    "gemma4, 'present.2.key' is no Concat of 'past_key_values.2.key' and new rows",
    "florence2, no input 'attention_mask'",
    "lfm2-vl, keeps a state ('present_conv.0')",
    "smolvlm2-fused, layer 0 has 'GroupQueryAttention' node",
    "tiled, 'heads of 12 values, but GroupQueryAttention takes multiples of 8'"
  })
  void otherAttentionStaysAsItIs(String name, String because) {
    assertStays(graph(name), because);
  }

  private void assertStays(Path graph, String because) {
    assertThat(rewriter().fusionObstacle(graph)).get().asString().contains(because);
    assertThat(fused(graph)).isEmpty();
    // The second time from the stored finding.
    assertThat(rewriter().fusionObstacle(graph)).get().asString().contains(because);
    assertThat(fused(graph)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"smolvlm2", "qwen2-vl", "phi3-v", "glm-ocr", "moondream1"})
  void logitsAreTheSame(String name) {
    compare(graph(name), name, CutPlan.after(), "none");
  }

  @ParameterizedTest
  @ValueSource(strings = {"smolvlm2", "qwen2-vl"})
  void logitsAreTheSameInStages(String name) {
    compare(graph(name), name, CutPlan.after(0, 1), "none");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cache:streamingllm(tokens=12)", "cache:quantised(bits=8)"})
  void logitsAreTheSameAfterEvictions(String plan) {
    compare(graph(PLAIN), PLAIN, CutPlan.after(), plan);
  }

  private static void compare(Path graph, String name, CutPlan cut, String plan) {
    ModelPackage files = ModelPackage.read(PACKAGES.resolve(name));
    try (StagedDecoder itself =
            StagedDecoder.open(embeddings(files), graph, SessionSettings.DEFAULT);
        StagedDecoder rewritten =
            StagedDecoders.open(
                embeddings(files), graph, cut, SessionSettings.DEFAULT, Sharing.none())) {
      PrefillRequest request =
          PrefillRequest.of(prompt(itself.hiddenSize()))
              .withCache(PruningPlan.parse(plan).cache(), IntStream.range(4, 16).toArray());
      try (DecodingSession one = itself.prefill(request);
          DecodingSession other = rewritten.prefill(request)) {
        for (int step = 0; step < STEPS; step++) {
          assertClose(other.logits(), one.logits(), ROUNDING, "logits of step " + step);
          long token = Sampler.GREEDY.next(one.logits());
          one.append(token);
          other.append(token);
        }
        assertThat(other.cachedTokens().get(0)).isEqualTo(one.cachedTokens().get(0));
      }
    }
  }

  private static TextEmbeddings embeddings(ModelPackage files) {
    return new TextEmbeddings(
        OnnxSession.open(files.graph(Session.EMBED_TOKENS), SessionSettings.DEFAULT));
  }

  private static PromptEmbeddings prompt(int size) {
    Random random = new Random(7);
    FloatBuffer values = DirectBuffers.floats((long) PROMPT * size);
    while (values.hasRemaining()) {
      values.put((float) random.nextGaussian());
    }
    return new PromptEmbeddings(values.flip(), PositionIds.counting(0, PROMPT), PROMPT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"smolvlm2", "paligemma"})
  void layersAreComparedOnce(String name) throws IOException {
    assertThat(rewriter().fusionObstacle(graph(name)).isEmpty()).isEqualTo(name.equals(PLAIN));
    Path finding = finding();
    FileTime before = FileTime.fromMillis(1_000);
    Files.setLastModifiedTime(finding, before);
    rewriter().fused(graph(name));
    rewriter().cut(graph(name), GraphKind.DECODER, CutPlan.after(0).withFusedAttention(true));
    assertThat(Files.getLastModifiedTime(finding)).isEqualTo(before);

    Files.writeString(finding, "{");
    assertThat(rewriter().fused(graph(name)).isPresent()).isEqualTo(name.equals(PLAIN));
    assertThat(finding).content().contains("scales");
  }

  @Test
  void withoutAPlaceToWrite_theGraphRunsAsItIs() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    String before = System.setProperty("squint.cache", file.resolve("cache").toString());
    try {
      assertThat(StagedDecoders.whyItCopies(graph(PLAIN)))
          .get()
          .asString()
          .contains("choose another folder with -Dsquint.cache");
      compare(graph(PLAIN), PLAIN, CutPlan.after(), "none");
    } finally {
      if (before == null) {
        System.clearProperty("squint.cache");
      } else {
        System.setProperty("squint.cache", before);
      }
    }
  }

  private Path finding() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).startsWith("fusion-"))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void whatOnlySingleOperatorsShow_keepsThem() {
    Path graph = graph(PLAIN);
    GraphRewriter rewriter = new GraphRewriter(new GraphCache(folder));
    CutPlan plan = CutPlan.after(0).withFusedAttention(true);
    assertThat(rewriter.cut(graph, GraphKind.DECODER, plan).layers())
        .noneMatch(layer -> layer.isSpelledOut());
    assertThat(rewriter.cut(graph, GraphKind.DECODER, plan.withPairs(true)).layers())
        .allMatch(layer -> layer.isSpelledOut());
  }

  @Test
  void aWindowLongerThanTheComparedLengths_isNoticed() throws IOException {
    // The columns further back than 3,000 tokens are hidden.
    Edited edited = new Edited();
    String shape = edited.add("Shape", "attention_mask");
    String total = edited.add("Gather", shape, edited.number(1));
    String columns = edited.add("Range", edited.number(0), total, edited.number(1));
    String distance = edited.add("Sub", total, columns);
    String hidden = edited.add("Greater", distance, edited.number(3_000));
    String floats = edited.cast(hidden);
    edited.beforeSoftmax(logits -> edited.add("Add", logits, edited.times(floats, -1e9f)));

    assertStays(edited.file(), "hides some of 33000 tokens from the last one");
  }

  @Test
  void aWindowOfPromptsAlone_isNoticed() throws IOException {
    // Where there are several new tokens, each sees the 3,000 before it.
    Edited edited = new Edited();
    String total = edited.tokens("attention_mask");
    String tokens = edited.tokens("position_ids");
    String first = edited.add("Sub", total, tokens);
    String columns = edited.add("Range", edited.number(0), total, edited.number(1));
    String rows = edited.add("Range", first, total, edited.number(1));
    String distance = edited.add("Sub", edited.add("Unsqueeze", rows, edited.axis(1)), columns);
    String hidden =
        edited.add(
            "And",
            edited.add("Greater", distance, edited.number(3_000)),
            edited.add("Greater", tokens, edited.number(1)));
    String floats = edited.cast(hidden);
    edited.beforeSoftmax(logits -> edited.add("Add", logits, edited.times(floats, -1e9f)));

    assertStays(edited.file(), "hides some of 33000 tokens from the last one");
  }

  @Test
  void aFactorOfManyTokens_isNoticed() throws IOException {
    // Qwen's logn: from 4,096 tokens on, logits grow with the logarithm of their number.
    Edited edited = new Edited();
    String log = edited.add("Log", edited.cast(edited.tokens("attention_mask")));
    String factor = edited.times(log, 1 / (float) Math.log(4_096));
    String grown = edited.add("Max", factor, edited.constant(new float[] {1}));
    edited.beforeSoftmax(logits -> edited.add("Mul", logits, grown));

    assertStays(edited.file(), "of a score of 1 behind 33000 tokens, but 0.25 behind none");
  }

  @Test
  void tokensThatSeeByPositions_areNoticed() throws IOException {
    // The same for positions that count, but tokens that were dropped leave gaps.
    Edited edited = new Edited();
    String total = edited.tokens("attention_mask");
    String columns = edited.add("Range", edited.number(0), total, edited.number(1));
    String rows = edited.add("Unsqueeze", "position_ids", edited.axis(2));
    String hidden = edited.cast(edited.add("Greater", columns, rows));
    String mask = edited.add("Unsqueeze", edited.times(hidden, -1e9f), edited.axis(1));
    edited.beforeSoftmax(logits -> edited.add("Add", logits, mask));

    assertStays(edited.file(), "with 0 cached and 7 new tokens at positions [0, 0, 0, 0, 0, 0, 0]");
  }

  @Test
  void aMaskOfAnotherInput_isNoticed() throws IOException {
    Edited edited = new Edited();
    String bias = edited.cast(edited.input("token_type_ids"));
    String columns = edited.add("Unsqueeze", bias, edited.axis(1));
    edited.beforeSoftmax(logits -> edited.add("Add", logits, columns));

    assertStays(edited.file(), "its attention reads the input 'token_type_ids'");
  }

  @Test
  void aCacheOfNoSize_staysAsItIs() throws IOException {
    Edited edited = new Edited();
    edited.resize("past_key_values.1.key", 3, 0);

    assertStays(edited.file(), "it does not declare the sizes of 'past_key_values.1.key'");
  }

  @Test
  void aChoiceOfGraphs_keepsSingleOperators() throws IOException {
    // Such a graph may read any tensor of the whole one, so no step would write into the cache.
    Edited edited = new Edited();
    edited.output(edited.choice("position_ids"), "chosen");

    assertStays(edited.file(), "'If' node");
  }

  @Test
  void aCapOfTheLogits_isNoticed() throws IOException {
    Edited edited = new Edited();
    edited.beforeSoftmax(
        logits -> edited.times(edited.add("Tanh", edited.times(logits, 1 / 50f)), 50));

    assertStays(edited.file(), "its layer 0 makes the logit 50.0 of a score of 8192.0, but ");
  }

  @Test
  void aClipOfTheLogits_isNoticed() throws IOException {
    Edited edited = new Edited();
    String least = edited.constant(new float[] {-20});
    String most = edited.constant(new float[] {20});
    edited.beforeSoftmax(logits -> edited.add("Clip", logits, least, most));

    assertStays(
        edited.file(),
        "its layer 0 makes the logit 20.0 of a score of 8192.0, but 0.25 of a score");
  }

  @Test
  void aMaskThatHidesLittle_isNoticed() throws IOException {
    Edited edited = new Edited();
    edited.resetConstant("/Constant_11_output_0", -30);

    assertStays(edited.file(), "its layer 0 does not hide later tokens: their logits are -29.75");
  }

  @Test
  void positionsOf32Bits_areTaken() throws IOException {
    Edited edited = new Edited();
    edited.takeInts("position_ids");
    String zeros = edited.times(edited.cast("position_ids"), 0);
    String rows = edited.add("Unsqueeze", zeros, edited.axis(2));
    String mask = edited.add("Unsqueeze", rows, edited.axis(1));
    edited.beforeSoftmax(logits -> edited.add("Add", logits, mask));

    assertThat(rewriter().fusionObstacle(edited.file())).isEmpty();
  }

  @Test
  void aFactorOfEachHead_isNoticed() throws IOException {
    Edited edited = new Edited();
    String factors = edited.constant(new float[] {1, 1, 1, 1.01f}, 4L, 1L, 1L);
    edited.beforeSoftmax(logits -> edited.add("Mul", logits, factors));

    assertStays(edited.file(), "its heads scale their logits in layer 0 by [");
  }

  @Test
  void aFactorOfAllHeads_isTakenOver() throws IOException {
    Edited edited = new Edited();
    edited.beforeSoftmax(logits -> edited.times(logits, 0.5f));

    Path file = edited.file();
    assertThat(fused(file)).isPresent();
    compare(file, PLAIN, CutPlan.after(), "none");
  }

  @Test
  void aCacheThatAnotherNodeReads_staysAsItIs() throws IOException {
    Edited edited = new Edited();
    edited.output(edited.add("ReduceMax", "present.1.value"), "largest");

    assertStays(
        edited.file(), "'present.1.value' is read by other nodes than the attention of the layer");
  }

  @Test
  void aGraphThatIsNone_isRefusedByItsOwnName() throws IOException {
    Path file = Files.writeString(folder.resolve("decoder.onnx"), "no graph");
    ModelPackage files = ModelPackage.read(PACKAGES.resolve(PLAIN));
    try (TextEmbeddings embeddings = embeddings(files)) {
      assertThatThrownBy(
              () ->
                  StagedDecoders.open(
                      embeddings, file, CutPlan.after(), SessionSettings.DEFAULT, Sharing.none()))
          .hasMessageContaining("decoder.onnx");
    }
  }

  /** A decoder with nodes added before the Softmax of every layer. */
  private final class Edited {

    private final ModelProto model;
    private final GraphProto.Builder graph;
    private final List<NodeProto> added = new ArrayList<>();

    Edited() throws IOException {
      model = ModelProto.parseFrom(Files.readAllBytes(graph(PLAIN)));
      graph = model.getGraph().toBuilder();
    }

    String add(String type, String... inputs) {
      return add(NodeProto.newBuilder().setOpType(type).addAllInput(List.of(inputs)));
    }

    private String add(NodeProto.Builder node) {
      String name = "added." + added.size();
      added.add(node.setName(name).addOutput(name).build());
      return name;
    }

    String cast(String tensor) {
      return cast(tensor, 1);
    }

    private String cast(String tensor, int type) {
      AttributeProto to =
          AttributeProto.newBuilder()
              .setName("to")
              .setI(type)
              .setType(AttributeProto.AttributeType.INT)
              .build();
      return add(NodeProto.newBuilder().setOpType("Cast").addInput(tensor).addAttribute(to));
    }

    /** Changes an input of 64-bit numbers to 32 bits. */
    void takeInts(String input) {
      declared(input).getTypeBuilder().getTensorTypeBuilder().setElemType(6);
      String longs = cast(input, 7);
      for (NodeProto.Builder node : graph.getNodeBuilderList()) {
        for (int i = 0; i < node.getInputCount(); i++) {
          if (node.getInput(i).equals(input)) {
            node.setInput(i, longs);
          }
        }
      }
    }

    /** Gives a Constant of one float another value. */
    void resetConstant(String tensor, float value) {
      for (NodeProto.Builder node : graph.getNodeBuilderList()) {
        if (node.getOutput(0).equals(tensor)) {
          ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
          node.getAttributeBuilder(0)
              .getTBuilder()
              .setRawData(ByteString.copyFrom(bytes.putFloat(value).flip()));
        }
      }
    }

    String times(String tensor, float factor) {
      return add("Mul", tensor, constant(new float[] {factor}));
    }

    String constant(float[] values, Long... shape) {
      ByteBuffer bytes =
          ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (float value : values) {
        bytes.putFloat(value);
      }
      return constant(1, bytes.flip(), List.of(shape));
    }

    /** The second size of an input. */
    String tokens(String input) {
      return add("Gather", add("Shape", input), number(1));
    }

    /** Adds an input like position_ids. */
    String input(String name) {
      graph.addInput(declared("position_ids").build().toBuilder().setName(name));
      return name;
    }

    private ValueInfoProto.Builder declared(String input) {
      return graph.getInputBuilderList().stream()
          .filter(each -> each.getName().equals(input))
          .findFirst()
          .orElseThrow();
    }

    void resize(String input, int dimension, long size) {
      declared(input)
          .getTypeBuilder()
          .getTensorTypeBuilder()
          .getShapeBuilder()
          .getDimBuilder(dimension)
          .setDimValue(size);
    }

    /** The same tensor out of both branches of an If. */
    String choice(String tensor) {
      String condition = add("Greater", tokens(tensor), number(1));
      NodeProto.Builder node = NodeProto.newBuilder().setOpType("If").addInput(condition);
      for (String branch : List.of("then_branch", "else_branch")) {
        GraphProto.Builder inside = GraphProto.newBuilder().setName(branch);
        inside.addNode(
            NodeProto.newBuilder().setOpType("Identity").addInput(tensor).addOutput(branch));
        inside.addOutput(declared(tensor).build().toBuilder().setName(branch));
        node.addAttribute(
            AttributeProto.newBuilder()
                .setName(branch)
                .setG(inside)
                .setType(AttributeProto.AttributeType.GRAPH));
      }
      return add(node);
    }

    String axis(long value) {
      ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      return constant(7, bytes.putLong(value).flip(), List.of(1L));
    }

    String number(long value) {
      ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      return constant(7, bytes.putLong(value).flip(), List.of());
    }

    private String constant(int type, ByteBuffer bytes, List<Long> shape) {
      String name = "constant." + graph.getInitializerCount();
      graph.addInitializer(
          TensorProto.newBuilder()
              .setName(name)
              .setDataType(type)
              .addAllDims(shape)
              .setRawData(ByteString.copyFrom(bytes)));
      return name;
    }

    void beforeSoftmax(UnaryOperator<String> change) {
      for (int i = 0; i < graph.getNodeCount(); i++) {
        NodeProto node = graph.getNode(i);
        if (node.getOpType().equals("Softmax")) {
          graph.setNode(i, node.toBuilder().setInput(0, change.apply(node.getInput(0))));
        }
      }
    }

    void output(String tensor, String name) {
      add(NodeProto.newBuilder().setOpType("Identity").addInput(tensor));
      NodeProto last = added.remove(added.size() - 1);
      added.add(last.toBuilder().setOutput(0, name).build());
      graph.addOutput(ValueInfoProto.newBuilder().setName(name));
    }

    Path file() throws IOException {
      Path file = folder.resolve("edited.onnx");
      Files.write(file, model.toBuilder().setGraph(graph.addAllNode(added)).build().toByteArray());
      return file;
    }
  }
}
