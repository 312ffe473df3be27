package dev.squint.llm;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.StagedDecoders;
import dev.squint.llm.decoder.batch.Sharing;
import dev.squint.llm.decoder.evidence.LayerEvidence;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.llm.decoder.stage.StageHook;
import dev.squint.llm.decoder.stage.StageInput;
import dev.squint.llm.model.Session;
import dev.squint.llm.prompt.Prompt;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.evidence.LayerKeys;
import dev.squint.pruner.evidence.LayerValues;
import dev.squint.pruner.evidence.TextKeys;
import dev.squint.pruner.evidence.TextValues;
import dev.squint.pruner.evidence.UnrotatedVisualLogits;
import dev.squint.pruner.evidence.VisualQueryAttention;
import dev.squint.pruner.evidence.VisualQueryLogits;
import dev.squint.pruner.maths.Softmax;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.onnx.graph.Tap;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The decoder of every package of a folder, cut into stages, gives what it gives whole, and prunes
 * between stages as {@code test/expected.json} says. Another folder: {@code -Dpackages.dir=DIR}.
 */
class StagesConformanceTest {

  private static final Path PACKAGES =
      Path.of(System.getProperty("packages.dir", "src/test/resources/packages"));
  // The bound is 1e-3 for logits of the size 10. Measured: 3.4e-6 of the scale with AVX2.
  private static final Tolerance LOGIT = Tolerance.relative(1e-4);
  // The bound is 1e-5 for weights up to 0.1. Measured: 8.7e-6 of the scale with AVX2.
  private static final Tolerance ATTENTION = Tolerance.relative(1e-4);
  // Of deeper layers, whose inputs differ a little already.
  private static final Tolerance DEEP_ATTENTION = Tolerance.relative(1e-4);

  @TempDir static Path cache;

  private static final Set<Evidence<?>> VISUAL_LOGITS =
      Set.of(new VisualQueryLogits(), new UnrotatedVisualLogits());
  private static final ConformanceLog LOG = new ConformanceLog();

  @AfterAll
  static void writeLog() throws IOException {
    LOG.write("stages");
  }

  private record Case(Path folder, boolean prunable, JsonNode expected) {}

  private static List<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    try (Stream<Path> folders = Files.list(PACKAGES)) {
      for (Path folder : folders.sorted().toList()) {
        Path expected = folder.resolve("test/expected.json");
        if (Files.exists(expected)) {
          JsonNode all = new ObjectMapper().readTree(Files.readString(expected));
          boolean prunable = all.path("prunable_between_layers").asBoolean(true);
          all.get("cases").forEach(one -> cases.add(new Case(folder, prunable, one)));
        }
      }
    }
    assertThat(cases).isNotEmpty();
    return cases;
  }

  @TestFactory
  Stream<DynamicTest> fastv() throws IOException {
    List<Case> cases = cases().stream().filter(one -> one.expected.has("fastv")).toList();
    assertThat(cases).isNotEmpty();
    return cases.stream()
        .map(
            one ->
                DynamicTest.dynamicTest(
                    name(one), () -> withPrompt(one, StagesConformanceTest::checkFastV)));
  }

  @TestFactory
  Stream<DynamicTest> chainOfStages_isTheWhole_toTheLastBit() throws IOException {
    Set<String> seen = new HashSet<>();
    return cases().stream()
        .filter(one -> seen.add(one.folder + " " + pictures(one.expected)))
        .map(
            one ->
                DynamicTest.dynamicTest(
                    name(one),
                    () -> {
                      if (one.prunable) {
                        withPrompt(one, StagesConformanceTest::checkChain);
                        LOG.add(String.valueOf(one.folder.getFileName()), "chain", 0);
                      } else {
                        checkRefusal(one);
                      }
                    }));
  }

  private static void checkRefusal(Case one) {
    assertThatThrownBy(
            () ->
                VisionLanguageModel.load(
                        one.folder,
                        LoadOptions.DEFAULT.withPlans(
                            List.of(PruningPlan.parse("layer1:fastv(keep=0.5)"))))
                    .close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("plans can act before it alone")
        .message()
        .containsAnyOf(
            "keeps a state ('present_conv.0') that depends on every token",
            "attends to what an encoder gives of the whole prompt");
  }

  private static String name(Case one) {
    return "%s %s %s"
        .formatted(
            one.folder.getFileName(),
            pictures(one.expected),
            one.expected.get("question").asText());
  }

  private static List<String> pictures(JsonNode one) {
    if (one.has("picture")) {
      return List.of(one.get("picture").asText());
    }
    return StreamSupport.stream(one.path("pictures").spliterator(), false)
        .map(JsonNode::asText)
        .toList();
  }

  private interface Check {
    void check(JsonNode expected, OpenPackage open, PromptEmbeddings embeddings, Prompt prompt);
  }

  /** The packages that were asked for: each one's graphs are opened once for all tests. */
  private static final Map<Path, List<OpenPackage>> OPEN = new HashMap<>();

  /** A loaded package, and its decoder in the stages that were asked for. */
  private record OpenPackage(
      Path folder, VisionLanguageModel model, boolean fused, Map<CutPlan, StagedDecoder> stages) {

    StagedDecoder cut(CutPlan plan) {
      return stages.computeIfAbsent(plan.withFusedAttention(fused), this::opened);
    }

    /** The decoder in one session, with attention in the same form. */
    StagedDecoder uncut() {
      return stages.computeIfAbsent(CutPlan.after(), plan -> whole());
    }

    private StagedDecoder whole() {
      Path graph = model.model().graph(Session.DECODER);
      SessionSettings settings = SessionSettings.DEFAULT;
      return fused
          ? StagedDecoders.open(words(), graph, CutPlan.after(), settings, Sharing.none())
          : StagedDecoder.open(words(), graph, settings);
    }

    private TextEmbeddings words() {
      return new TextEmbeddings(
          OnnxSession.open(model.model().graph(Session.EMBED_TOKENS), SessionSettings.DEFAULT));
    }

    /** Whether the decoder's own graph builds attention that can be one operator. */
    boolean hasTwoForms() {
      return new GraphRewriter(new GraphCache(cache))
          .fused(model.model().graph(Session.DECODER))
          .isPresent();
    }

    private StagedDecoder opened(CutPlan plan) {
      CutGraph cut =
          new GraphRewriter(new GraphCache(cache))
              .cut(model.model().graph(Session.DECODER), GraphKind.DECODER, plan);
      return StagedDecoder.open(words(), cut, SessionSettings.DEFAULT);
    }

    void close() {
      stages.values().forEach(StagedDecoder::close);
    }
  }

  @AfterAll
  static void close() {
    OPEN.values().forEach(forms -> forms.forEach(OpenPackage::close));
    OPEN.clear();
  }

  /** With attention as one operator where that is possible, and as the graph has it. */
  private static List<OpenPackage> open(Path folder) {
    return OPEN.computeIfAbsent(
        folder,
        each -> {
          OpenPackage fused = new OpenPackage(each, LoadedModels.of(each), true, new HashMap<>());
          return fused.hasTwoForms()
              ? List.of(fused, new OpenPackage(each, fused.model, false, new HashMap<>()))
              : List.of(fused);
        });
  }

  private static void withPrompt(Case one, Check check) {
    PictureReader reader = new PictureReader();
    List<Picture> pictures =
        pictures(one.expected).stream().map(file -> reader.read(one.folder.resolve(file))).toList();
    Message question = Message.user(pictures, one.expected.get("question").asText());
    List<OpenPackage> forms = open(one.folder);
    VisionLanguageModel model = forms.get(0).model;
    PatchTokens encoded =
        model.encoder().encode(model.tiler().tile(pictures), model.parts().always());
    PatchTokens tokens = encoded.reduced(model.writer().given(List.of(), encoded));
    Prompt prompt = model.writer().write(List.of(question), tokens);
    PromptEmbeddings embeddings =
        model.writer().embed(prompt, tokens, model.decoder().embeddings());
    forms.forEach(open -> check.check(one.expected, open, embeddings, prompt));
  }

  private static void checkFastV(
      JsonNode one, OpenPackage open, PromptEmbeddings embeddings, Prompt prompt) {
    JsonNode fastv = one.get("fastv");
    int layer = fastv.get("prune_after_layer").asInt();
    CutPlan plan = CutPlan.after(layer).tapping(Tap.queries(layer));
    try (DecodingSession session =
        open.cut(plan)
            .prefill(PrefillRequest.of(embeddings).withHook(mostAttended(layer, prompt, fastv)))) {
      List<Integer> lengths = new ArrayList<>();
      for (int stage = 0; stage < 2; stage++) {
        int layers = open.cut(plan).stages().get(stage).cachedLayers();
        for (int i = 0; i < layers; i++) {
          lengths.add(session.cachedTokens().get(stage));
        }
      }
      assertThat(lengths).isEqualTo(ints(fastv.get("cache_lengths_after_prefill")));
      Recorded.checkSamples(
          session.logits(), fastv.get("first_step_logits").get("sampled"), LOGIT, "logits");
      for (int expected : ints(fastv.get("greedy_tokens"))) {
        int token = Sampler.GREEDY.next(session.logits());
        assertThat(token).isEqualTo(expected);
        session.append(token);
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> tapsWithoutRope_areThoseWithRopeAtPositionZero() throws IOException {
    Set<Path> seen = new HashSet<>();
    return cases().stream()
        .filter(one -> one.prunable && one.expected.has("attention") && seen.add(one.folder))
        .map(
            one ->
                DynamicTest.dynamicTest(
                    name(one), () -> withPrompt(one, StagesConformanceTest::checkUnrotated)));
  }

  private static int tappedLayer(JsonNode one) {
    return one.get("attention").get(0).get("layer").asInt();
  }

  /** All cuts with a tap of each layer: one plan for all that is read, so it is opened once. */
  private static CutPlan everyLayer(JsonNode one, OpenPackage open) {
    List<Integer> cuts = DecoderCuts.of(open.model);
    CutPlan plan = new CutPlan(cuts, Set.of());
    for (int layer = 0; layer <= cuts.size(); layer++) {
      plan = plan.tapping(Tap.queries(layer));
    }
    // No hook runs after the last stage, so its layer is tapped by the stage before.
    int last = cuts.size();
    int layer = tappedLayer(one);
    return plan.tapping(
        Tap.queries(last).givenAhead(),
        Tap.keys(last).givenAhead(),
        Tap.unrotatedQueries(layer),
        Tap.unrotatedKeys(layer));
  }

  private static void checkUnrotated(
      JsonNode one, OpenPackage open, PromptEmbeddings embeddings, Prompt prompt) {
    int layer = tappedLayer(one);
    int[] tokens = {0, 1, embeddings.tokens() - 1};
    Set<Integer> compared = new HashSet<>();
    StageHook compare =
        new StageHook() {
          @Override
          public int[] queries(int count, int all) {
            return tokens;
          }

          @Override
          public StageInput between(StageEnd end) {
            if (end.layers() - 1 == layer) {
              compared.add(layer);
              assertSame(end.unrotatedQueriesOf(layer, tokens), end.queriesOf(layer, tokens));
              assertSame(end.unrotatedKeysOf(layer), end.keysOf(layer));
              EvidenceSet logits = new LayerEvidence(end, tokens, 1).observe(VISUAL_LOGITS);
              assertThat(logits.get(new UnrotatedVisualLogits()))
                  .isEqualTo(logits.get(new VisualQueryLogits()));
              assertVisualAttention(end, layer, tokens);
            }
            return StageInput.everything(end);
          }
        };
    PromptEmbeddings atZero =
        new PromptEmbeddings(
            embeddings.values(),
            PositionIds.of(new long[embeddings.tokens()]),
            1,
            embeddings.extras());
    try (DecodingSession session =
        open.cut(everyLayer(one, open)).prefill(PrefillRequest.of(atZero).withHook(compare))) {
      assertThat(session.report().runs()).hasSize(1);
    }
    assertThat(compared).containsExactly(layer);
  }

  /** The mean over the queries of the softmax of their logits, hidden keys included as zeros. */
  private static void assertVisualAttention(StageEnd end, int layer, int[] visual) {
    Matrix received =
        new LayerEvidence(end, visual, 1)
            .observe(Set.of(new VisualQueryAttention()))
            .get(new VisualQueryAttention())
            .perHead();
    List<Matrix> logits = end.logits(layer, visual);
    assertThat(received.rows()).isEqualTo(logits.size());
    for (int head = 0; head < logits.size(); head++) {
      Matrix rows = logits.get(head);
      double[] mean = new double[visual.length];
      for (int query = 0; query < visual.length; query++) {
        int row = query;
        int of = head;
        double[] shares = Softmax.of(end.tokens(), 1, key -> logits.get(of).get(row, key));
        for (int key = 0; key < visual.length; key++) {
          mean[key] += shares[visual[key]] / rows.rows();
        }
      }
      for (int key = 0; key < visual.length; key++) {
        assertThat((double) received.get(head, key)).isCloseTo(mean[key], within(1e-5));
      }
    }
  }

  @Test
  void keysAndValuesOfVisualAndTextTokens_areTheirRowsOfTheCache() throws IOException {
    Case first = cases().stream().filter(one -> one.prunable).findFirst().orElseThrow();
    withPrompt(first, StagesConformanceTest::checkRows);
  }

  private static void checkRows(
      JsonNode one, OpenPackage open, PromptEmbeddings embeddings, Prompt prompt) {
    List<Integer> compared = new ArrayList<>();
    StageHook compare =
        end -> {
          compared.add(end.layers());
          EvidenceSet keys =
              new LayerEvidence(end, new int[] {2, 3, 5}, 2)
                  .observe(
                      Set.of(new LayerKeys(), new TextKeys(), new LayerValues(), new TextValues()));
          List<Matrix> heads = end.keysOf(0);
          int last = end.tokens() - 1;
          assertThat(keys.get(new LayerKeys()).heads()).isEqualTo(heads.size());
          assertThat(keys.get(new LayerKeys()).rows()).isEqualTo(joined(heads, 2, 3, 5));
          assertThat(keys.get(new TextKeys())).isEqualTo(joined(heads, last - 1, last));
          List<Matrix> values = end.valuesOf(0);
          assertThat(values).isNotEqualTo(heads);
          assertThat(keys.get(new LayerValues()).heads()).isEqualTo(heads.size());
          assertThat(keys.get(new LayerValues()).rows()).isEqualTo(joined(values, 2, 3, 5));
          assertThat(keys.get(new TextValues())).isEqualTo(joined(values, last - 1, last));
          return StageInput.everything(end);
        };
    try (DecodingSession session =
        open.cut(CutPlan.after(0)).prefill(PrefillRequest.of(embeddings).withHook(compare))) {
      assertThat(session.report().runs()).hasSize(1);
      assertThat(compared).containsExactly(1);
    }
  }

  private static Matrix joined(List<Matrix> heads, int... rows) {
    return Matrix.sideBySide(heads.stream().map(head -> head.rows(rows)).toList());
  }

  private static void assertSame(List<Matrix> actual, List<Matrix> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int head = 0; head < actual.size(); head++) {
      assertThat(actual.get(head).data()).isEqualTo(expected.get(head).data());
    }
  }

  @TestFactory
  Stream<DynamicTest> attentionFromTaps_isPyTorchs() throws IOException {
    List<Case> cases = cases().stream().filter(one -> one.expected.has("attention")).toList();
    assertThat(cases).isNotEmpty();
    return cases.stream()
        .map(
            one ->
                DynamicTest.dynamicTest(
                    name(one), () -> withPrompt(one, StagesConformanceTest::checkAttention)));
  }

  private static void checkAttention(
      JsonNode one, OpenPackage open, PromptEmbeddings embeddings, Prompt prompt) {
    JsonNode attention = one.get("attention");
    String folder = String.valueOf(open.folder.getFileName());
    List<Integer> cuts = DecoderCuts.of(open.model);
    int layers = cuts.size() + 1;
    int[] tokens =
        StreamSupport.stream(attention.spliterator(), false)
            .mapToInt(row -> row.get("token").asInt())
            .sorted()
            .distinct()
            .toArray();
    int last = layers - 1;
    List<List<Matrix>> seen = new ArrayList<>();
    StageHook look =
        new StageHook() {
          @Override
          public int[] queries(int count, int all) {
            return tokens;
          }

          @Override
          public StageInput between(StageEnd end) {
            seen.add(end.attention(end.layers() - 1));
            if (end.layers() == last) {
              seen.add(end.attentionAhead(last));
            }
            return StageInput.everything(end);
          }
        };
    try (DecodingSession session =
        open.cut(everyLayer(one, open)).prefill(PrefillRequest.of(embeddings).withHook(look))) {
      assertThat(session.report().runs()).hasSize(1);
    }
    assertThat(seen).hasSize(layers);
    for (JsonNode row : attention) {
      int layer = row.get("layer").asInt();
      if (layer >= layers) {
        continue;
      }
      int token = Arrays.binarySearch(tokens, row.get("token").asInt());
      Matrix actual = seen.get(layer).get(token);
      double worst =
          Recorded.checkSamples(
              actual.data(),
              row.get("samples"),
              DEEP_ATTENTION,
              "attention of layer %d, token %d".formatted(layer, tokens[token]));
      LOG.add(folder, "attention", worst);
    }
  }

  private static StageHook mostAttended(int layer, Prompt prompt, JsonNode fastv) {
    return new StageHook() {
      @Override
      public int[] queries(int layers, int tokens) {
        return new int[] {tokens - 1};
      }

      @Override
      public StageInput between(StageEnd end) {
        return keepMostAttended(end, layer, prompt, fastv);
      }
    };
  }

  private static StageInput keepMostAttended(
      StageEnd end, int layer, Prompt prompt, JsonNode fastv) {
    int[] visual = IntStream.of(prompt.visual()).sorted().toArray();
    float[] scores = end.attention(layer).get(0).columns(visual).columnMeans();
    assertClose(scores, floats(fastv.get("attention_scores")), ATTENTION, "attention scores");
    int[] kept = Ranking.top(scores, fastv.get("n_keep").asInt());
    assertThat(IntStream.of(kept).boxed().toList()).isEqualTo(ints(fastv.get("kept_visual")));
    Set<Integer> dropped = new HashSet<>(IntStream.of(visual).boxed().toList());
    for (int index : kept) {
      dropped.remove(visual[index]);
    }
    int[] rows = IntStream.range(0, end.tokens()).filter(row -> !dropped.contains(row)).toArray();
    assertThat(IntStream.of(rows).boxed().toList()).isEqualTo(ints(fastv.get("kept_sequence")));
    return StageInput.keepingPositions(end, rows);
  }

  private static void checkChain(
      JsonNode one, OpenPackage open, PromptEmbeddings embeddings, Prompt prompt) {
    StagedDecoder uncut = open.uncut();
    int layers = uncut.cachedLayers();
    List<Integer> cuts = DecoderCuts.of(open.model);
    int middle = Math.min(layers / 2, cuts.size() - 1);
    List<CutPlan> plans =
        List.of(CutPlan.after(cuts.get(middle)), CutPlan.after(cuts.toArray(Integer[]::new)));
    PrefillRequest request = PrefillRequest.of(embeddings);
    try (DecodingSession whole = uncut.prefill(request);
        DecodingSession once = open.cut(plans.get(0)).prefill(request);
        DecodingSession everywhere = open.cut(plans.get(1)).prefill(request)) {
      List<DecodingSession> staged = List.of(once, everywhere);
      for (int i = 0; i < staged.size(); i++) {
        assertThat(open.cut(plans.get(i)).cachedLayers()).isEqualTo(layers);
        assertThat(staged.get(i).cachedTokens()).hasSize(plans.get(i).cutAfter().size() + 1);
      }
      for (int step = 0; step <= 8; step++) {
        int token = Sampler.GREEDY.next(whole.logits());
        for (int i = 0; i < staged.size(); i++) {
          assertThat(staged.get(i).logits())
              .as("%s, step %d", plans.get(i), step)
              .isEqualTo(whole.logits());
          assertThat(staged.get(i).cacheBytes()).isEqualTo(whole.cacheBytes());
          staged.get(i).append(token);
        }
        whole.append(token);
      }
    }
  }

  private static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) array.get(i).asDouble();
    }
    return values;
  }

  private static List<Integer> ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asInt).toList();
  }
}
