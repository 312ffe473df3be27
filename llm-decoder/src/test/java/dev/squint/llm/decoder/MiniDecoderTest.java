package dev.squint.llm.decoder;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.decoder.session.DenseSession;
import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.llm.decoder.stage.StageHook;
import dev.squint.llm.decoder.stage.StageInput;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Ranking;
import dev.squint.testing.Tolerance;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.graph.CutGraph;
import dev.squint.vision.onnx.graph.CutPlan;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.onnx.graph.GraphKind;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.onnx.graph.Tap;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * A small decoder under every policy of {@code mini_decoder_integration.json}: what is kept, how
 * long each layer's cache is, at which position decoding continues, the logits. Another folder with
 * this file: {@code -Dgolden.dir=DIR}.
 */
class MiniDecoderTest {

  private static final Path GOLDEN =
      Path.of(System.getProperty("golden.dir", "src/test/resources/golden"));
  // What the specification of the golden files asks for. Measured: 5.9e-6 of the scale with AVX2,
  // 4.9e-6 with AVX-512.
  private static final Tolerance LOGIT = Tolerance.relative(1e-4);

  @TempDir static Path folder;

  @TestFactory
  Stream<DynamicTest> everyPolicy() throws IOException {
    JsonNode golden =
        new ObjectMapper()
            .readTree(Files.readString(GOLDEN.resolve("mini_decoder_integration.json")));
    Path decoder = MiniDecoder.write(golden, folder.resolve("decoder.onnx"));
    Path words =
        MiniDecoder.writeEmbeddings(
            golden, golden.get("decode_inputs"), folder.resolve("words.onnx"));
    List<JsonNode> cases = new ArrayList<>();
    golden.get("cases").forEach(cases::add);
    assertThat(cases).isNotEmpty();
    return cases.stream()
        .map(
            one ->
                DynamicTest.dynamicTest(
                    one.get("policy").toString(), () -> check(golden, one, decoder, words)));
  }

  private static void check(JsonNode golden, JsonNode one, Path graph, Path words) {
    Policy policy = Policy.of(one.get("policy"), golden.get("config"));
    CutGraph cut =
        new GraphRewriter(new GraphCache(folder.resolve("cache")))
            .cut(graph, GraphKind.DECODER, policy.plan());
    TextEmbeddings table = new TextEmbeddings(OnnxSession.open(words, SessionSettings.DEFAULT));
    try (StagedDecoder decoder = StagedDecoder.open(table, cut, SessionSettings.DEFAULT);
        DecodingSession session =
            decoder.prefill(
                PrefillRequest.of(prompt(golden.get("inputs_embeds"))).withHook(policy))) {
      assertThat(policy.kept()).isEqualTo(selections(one.get("selection")));
      assertThat(perLayer(decoder, session.cachedTokens()))
          .isEqualTo(ints(one.get("prefill_kv_len_per_layer")));
      assertThat(perLayer(decoder, ((DenseSession) session).nextPositions()))
          .isEqualTo(ints(one.get("decode_position_first_token_per_layer")));
      assertClose(
          session.logits(), floats(one.get("logits_prefill_last")), LOGIT, "logits of the prompt");
      for (int step = 0; step < one.get("logits_decode").size(); step++) {
        session.append(step);
        assertClose(
            session.logits(),
            floats(one.get("logits_decode").get(step)),
            LOGIT,
            "logits of step %d",
            step);
      }
      assertThat(perLayer(decoder, session.cachedTokens()))
          .isEqualTo(ints(one.get("final_kv_len")));
    }
  }

  /** One of the policies of the file: which layers it cuts after, and what it keeps there. */
  private abstract static class Policy implements StageHook {

    private final int first;
    private final List<List<Integer>> kept = new ArrayList<>();
    private List<Integer> visual;
    private int stage;
    final int total;
    final int text;

    Policy(JsonNode config) {
      this.first = config.get("prefix").asInt();
      this.total = config.get("visual").asInt();
      this.text = config.get("text").asInt();
      this.visual = IntStream.range(0, total).boxed().toList();
    }

    static Policy of(JsonNode policy, JsonNode config) {
      return switch (policy.get("name").asText()) {
        case "none" -> new Whole(config);
        case "fastv" -> new FastV(policy, config);
        case "pyramiddrop" -> new PyramidDrop(policy, config);
        case "adaptinfer" -> new AdaptInfer(policy, config);
        default -> throw new IllegalArgumentException("unknown policy " + policy);
      };
    }

    abstract CutPlan plan();

    abstract float[] scores(StageEnd end, int stage, int[] columns);

    abstract int count(int stage, int alive);

    abstract boolean renumbers();

    List<List<Integer>> kept() {
      return kept;
    }

    @Override
    public int[] queries(int layers, int tokens) {
      return IntStream.range(tokens - text, tokens).toArray();
    }

    @Override
    public StageInput between(StageEnd end) {
      int alive = visual.size();
      int[] columns = IntStream.range(first, first + alive).toArray();
      int[] chosen = Ranking.top(scores(end, stage, columns), count(stage, alive));
      int[] rows =
          IntStream.concat(
                  IntStream.concat(
                      IntStream.range(0, first), IntStream.of(chosen).map(i -> first + i)),
                  IntStream.range(first + alive, end.tokens()))
              .toArray();
      visual = IntStream.of(chosen).mapToObj(visual::get).toList();
      kept.add(visual);
      stage++;
      return renumbers()
          ? StageInput.renumbered(end, rows)
          : StageInput.keepingPositions(end, rows);
    }
  }

  private static final class Whole extends Policy {
    Whole(JsonNode config) {
      super(config);
    }

    @Override
    CutPlan plan() {
      return CutPlan.after();
    }

    @Override
    float[] scores(StageEnd end, int stage, int[] columns) {
      throw new IllegalStateException("nothing is cut");
    }

    @Override
    int count(int stage, int alive) {
      return alive;
    }

    @Override
    boolean renumbers() {
      return false;
    }
  }

  /** Mean attention of the last token in the layer before. */
  private static final class FastV extends Policy {
    private final int layer;
    private final double dropped;

    FastV(JsonNode policy, JsonNode config) {
      super(config);
      this.layer = policy.get("K").asInt() - 1;
      this.dropped = policy.get("R").asDouble();
    }

    @Override
    CutPlan plan() {
      return CutPlan.after(layer).tapping(Tap.queries(layer));
    }

    @Override
    float[] scores(StageEnd end, int stage, int[] columns) {
      return last(end.attention(layer)).columns(columns).columnMeans();
    }

    @Override
    int count(int stage, int alive) {
      return (int) Math.rint(total * (1 - dropped));
    }

    @Override
    boolean renumbers() {
      return false;
    }
  }

  /** Mean attention that the last token would pay in the layer to come. */
  private static final class PyramidDrop extends Policy {
    private final List<Integer> layers;
    private final JsonNode ratios;
    private final boolean renumber;

    PyramidDrop(JsonNode policy, JsonNode config) {
      super(config);
      this.layers = ints(policy.get("layers"));
      this.ratios = policy.get("ratios");
      this.renumber = policy.get("renumber").asBoolean();
    }

    @Override
    CutPlan plan() {
      Set<Tap> taps = new LinkedHashSet<>();
      for (int layer : layers) {
        taps.add(Tap.queries(layer).givenAhead());
        taps.add(Tap.keys(layer).givenAhead());
      }
      return new CutPlan(layers.stream().map(layer -> layer - 1).toList(), taps);
    }

    @Override
    float[] scores(StageEnd end, int stage, int[] columns) {
      return last(end.attentionAhead(layers.get(stage))).columns(columns).columnMeans();
    }

    @Override
    int count(int stage, int alive) {
      return (int) (total * ratios.get(stage).asDouble());
    }

    @Override
    boolean renumbers() {
      return renumber;
    }
  }

  /** Attention of the text after the picture, weighed by how the text attends to itself. */
  private static final class AdaptInfer extends Policy {
    private final List<Integer> layers;
    private final List<Integer> budget;
    private final boolean renumber;

    AdaptInfer(JsonNode policy, JsonNode config) {
      super(config);
      this.layers = ints(policy.get("layers"));
      this.budget = ints(policy.get("budget"));
      this.renumber = policy.get("renumber").asBoolean();
    }

    @Override
    CutPlan plan() {
      Set<Tap> taps = new LinkedHashSet<>();
      layers.forEach(layer -> taps.add(Tap.queries(layer)));
      return new CutPlan(layers, taps);
    }

    @Override
    float[] scores(StageEnd end, int stage, int[] columns) {
      List<Matrix> rows = end.attention(layers.get(stage));
      int begin = end.tokens() - text;
      float[] scores = new float[columns.length];
      for (int head = 0; head < rows.get(0).rows(); head++) {
        for (int t = 0; t < text; t++) {
          double weight = 0;
          for (int u = 0; u < text; u++) {
            weight += rows.get(u).get(head, begin + t);
            weight += u == t ? 0 : rows.get(t).get(head, begin + u);
          }
          for (int j = 0; j < columns.length; j++) {
            scores[j] += (float) (weight * rows.get(t).get(head, columns[j]));
          }
        }
      }
      return scores;
    }

    @Override
    int count(int stage, int alive) {
      return Math.min(budget.get(stage), alive - 1);
    }

    @Override
    boolean renumbers() {
      return renumber;
    }
  }

  private static Matrix last(List<Matrix> rows) {
    return rows.get(rows.size() - 1);
  }

  private static List<List<Integer>> selections(JsonNode selections) {
    List<List<Integer>> kept = new ArrayList<>();
    selections.forEach(each -> kept.add(ints(each.get("kept"))));
    return kept;
  }

  private static List<Integer> perLayer(StagedDecoder decoder, List<Integer> perStage) {
    List<Integer> values = new ArrayList<>();
    for (int stage = 0; stage < perStage.size(); stage++) {
      for (int i = 0; i < decoder.stages().get(stage).cachedLayers(); i++) {
        values.add(perStage.get(stage));
      }
    }
    return values;
  }

  private static PromptEmbeddings prompt(JsonNode rows) {
    int tokens = rows.size();
    int size = rows.get(0).size();
    FloatBuffer values = DirectBuffers.floats((long) tokens * size);
    rows.forEach(row -> values.put(floats(row)));
    return new PromptEmbeddings(values.flip(), PositionIds.counting(0, tokens), tokens);
  }

  private static List<Integer> ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asInt).toList();
  }

  private static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) array.get(i).asDouble();
    }
    return values;
  }
}
