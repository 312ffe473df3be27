package dev.squint.llm.decoder;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.llm.decoder.stage.StageHook;
import dev.squint.llm.decoder.stage.StageInput;
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
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Decoders that are given no positions, in the ways in which exporters write rotary embeddings
 * (computed, gathered and sliced from tables, YaRN, long-rope with two sets of frequencies, half of
 * each head, fused operators): with dropped tokens their logits are those of PyTorch, which hides
 * the tokens by masks, and 100 random choices of tokens give the same in every form, also of the
 * queries and keys that methods read, with RoPE and without.
 */
class RotaryFormsTest {

  private static final Path FOLDER = Path.of("src/test/resources/rotary");
  // PyTorch and the fused operators sum in another order.
  private static final Tolerance LOGITS = Tolerance.relative(1e-4);
  // The product with the cosine of position 0 is the same one; the sine, 0, adds nothing.
  private static final Tolerance SAME = Tolerance.relative(1e-6);
  private static final int TAPPED = 1;
  private static final CutPlan PLAN =
      CutPlan.after(0, TAPPED)
          .tapping(Tap.queries(TAPPED), Tap.unrotatedQueries(TAPPED), Tap.unrotatedKeys(TAPPED));
  private static final int LAYERS = 3;
  private static final int CHOICES = 100;

  @TempDir static Path folder;

  private record Choice(List<int @Nullable []> kept, boolean renumbered) {}

  @TestFactory
  Stream<DynamicTest> everyForm() throws IOException {
    JsonNode kinds =
        new ObjectMapper().readTree(FOLDER.resolve("expected.json").toFile()).get("kinds");
    assertThat(kinds.size()).isPositive();
    return kinds.propertyStream().flatMap(kind -> tests(kind.getKey(), kind.getValue()));
  }

  private static Stream<DynamicTest> tests(String name, JsonNode kind) {
    List<String> forms = kind.get("forms").valueStream().map(JsonNode::asText).toList();
    Stream<DynamicTest> masks =
        forms.stream()
            .map(
                form ->
                    DynamicTest.dynamicTest(
                        "%s %s gives the logits of masks".formatted(name, form),
                        () -> givesTheLogitsOfMasks(name, form, kind)));
    Stream<DynamicTest> withoutRope =
        forms.stream()
            .map(
                form ->
                    DynamicTest.dynamicTest(
                        "%s %s is without RoPE as at position 0".formatted(name, form),
                        () -> isWithoutRopeAsAtZero(name, form, kind)));
    Stream<DynamicTest> same =
        forms.stream()
            .skip(1)
            .map(
                form ->
                    DynamicTest.dynamicTest(
                        "%s %s is as %s".formatted(name, form, forms.get(0)),
                        () -> agree(name, forms.get(0), form, kind)));
    return Stream.of(masks, withoutRope, same).flatMap(tests -> tests);
  }

  private static void givesTheLogitsOfMasks(String name, String form, JsonNode kind)
      throws IOException {
    for (JsonNode prompt : kind.get("prompts")) {
      try (StagedDecoder decoder = open(name, form, prompt)) {
        assertThat(decoder.takesPositions()).isTrue();
        for (JsonNode one : prompt.get("cases")) {
          List<float[]> logits = run(decoder, prompt, choice(one));
          for (int step = 0; step < one.get("logits").size(); step++) {
            assertClose(
                logits.get(step),
                floats(one.get("logits").get(step)),
                LOGITS,
                "step %d with %s",
                step,
                one.get("kept"));
          }
        }
      }
    }
  }

  private static void agree(String name, String first, String second, JsonNode kind)
      throws IOException {
    JsonNode prompt = kind.get("prompts").get(0);
    Random random = new Random(23);
    try (StagedDecoder one = open(name, first, prompt);
        StagedDecoder other = open(name, second, prompt)) {
      for (int i = 0; i < CHOICES; i++) {
        Choice choice = choice(random, prompt.get("prompt").size());
        List<float[]> expected = run(one, prompt, choice);
        List<float[]> logits = run(other, prompt, choice);
        for (int part = 0; part < logits.size(); part++) {
          assertClose(logits.get(part), expected.get(part), LOGITS, "part %d of %d", part, i);
        }
      }
    }
  }

  /** Without RoPE the factors by which YaRN and long-rope scale queries and keys stay. */
  private static void isWithoutRopeAsAtZero(String name, String form, JsonNode kind)
      throws IOException {
    // ONNX Runtime's operator takes no more tokens than its table has rows, whatever their
    // position.
    JsonNode prompt = kind.get("prompts").get(1);
    PromptEmbeddings embedded = embedded(prompt.get("prompt"));
    PromptEmbeddings atZero =
        new PromptEmbeddings(embedded.values(), PositionIds.of(new long[embedded.tokens()]), 1);
    Showing shown = new Showing();
    try (StagedDecoder decoder = open(name, form, prompt)) {
      decoder.prefill(PrefillRequest.of(atZero).withHook(shown)).close();
    }
    assertThat(shown.queries).isNotEmpty();
    for (int head = 0; head < shown.queries.size(); head++) {
      assertClose(
          shown.unrotatedQueries.get(head), shown.queries.get(head), SAME, "queries %d", head);
    }
    assertThat(shown.keys).isNotEmpty();
    for (int head = 0; head < shown.keys.size(); head++) {
      assertClose(shown.unrotatedKeys.get(head), shown.keys.get(head), SAME, "keys %d", head);
    }
  }

  /** Any tokens but the last one go. */
  private static Choice choice(Random random, int tokens) {
    List<int @Nullable []> kept = new ArrayList<>();
    int[] left = IntStream.range(0, tokens).toArray();
    for (int layer = 1; layer < LAYERS; layer++) {
      double share = random.nextDouble();
      left =
          Arrays.stream(left)
              .filter(token -> token == tokens - 1 || random.nextDouble() < share)
              .toArray();
      kept.add(left);
    }
    return new Choice(kept, random.nextInt(3) == 0);
  }

  private static Choice choice(JsonNode one) {
    List<int @Nullable []> kept = new ArrayList<>();
    one.get("kept").forEach(rows -> kept.add(rows.isNull() ? null : ints(rows)));
    return new Choice(kept, one.get("renumbered").asBoolean());
  }

  private static StagedDecoder open(String name, String form, JsonNode prompt) throws IOException {
    ObjectNode table = new ObjectMapper().createObjectNode();
    int size = prompt.get("prompt").get(0).size();
    table.putObject("config").put("heads", 1).put("head_dim", 1).put("D", size);
    table.putObject("weights");
    Path words = Files.createTempFile(folder, "words", ".onnx");
    MiniDecoder.writeEmbeddings(table, prompt.get("steps"), words);
    CutGraph cut =
        new GraphRewriter(new GraphCache(folder.resolve("cache")))
            .cut(FOLDER.resolve("%s-%s.onnx".formatted(name, form)), GraphKind.DECODER, PLAN);
    return StagedDecoder.open(
        new TextEmbeddings(OnnxSession.open(words, SessionSettings.DEFAULT)),
        cut,
        SessionSettings.DEFAULT);
  }

  private static List<float[]> run(StagedDecoder decoder, JsonNode prompt, Choice choice) {
    List<float[]> logits = new ArrayList<>();
    Dropping dropping = new Dropping(choice);
    PrefillRequest request = PrefillRequest.of(embedded(prompt.get("prompt"))).withHook(dropping);
    try (DecodingSession session = decoder.prefill(request)) {
      logits.add(session.logits().clone());
      for (int step = 0; step < prompt.get("steps").size(); step++) {
        session.append(step);
        logits.add(session.logits().clone());
      }
    }
    logits.addAll(dropping.shown.queries);
    logits.addAll(dropping.shown.unrotatedQueries);
    logits.addAll(dropping.shown.unrotatedKeys);
    return logits;
  }

  /** Keeps what a layer shows, of the first and the last token, head by head. */
  private static final class Showing implements StageHook {

    private final List<float[]> queries = new ArrayList<>();
    private final List<float[]> keys = new ArrayList<>();
    private final List<float[]> unrotatedQueries = new ArrayList<>();
    private final List<float[]> unrotatedKeys = new ArrayList<>();

    @Override
    public int[] queries(int layers, int tokens) {
      return tokens == 1 ? new int[] {0} : new int[] {0, tokens - 1};
    }

    @Override
    public StageInput between(StageEnd end) {
      if (end.layers() == TAPPED + 1) {
        end.queriesOf(TAPPED, end.queries()).forEach(head -> queries.add(head.data()));
        end.keysOf(TAPPED).forEach(head -> keys.add(head.data()));
        end.unrotatedQueriesOf(TAPPED, end.queries())
            .forEach(head -> unrotatedQueries.add(head.data()));
        end.unrotatedKeysOf(TAPPED).forEach(head -> unrotatedKeys.add(head.data()));
      }
      return StageInput.everything(end);
    }
  }

  /** Drops the tokens of a choice before the layers after the first. */
  private static final class Dropping implements StageHook {

    private final Choice choice;
    private final Showing shown = new Showing();
    private int @Nullable [] alive;
    private int stage;

    private Dropping(Choice choice) {
      this.choice = choice;
    }

    @Override
    public int[] queries(int layers, int tokens) {
      return shown.queries(layers, tokens);
    }

    @Override
    public StageInput between(StageEnd end) {
      shown.between(end);
      int[] now = alive == null ? IntStream.range(0, end.tokens()).toArray() : alive;
      int[] next = choice.kept().get(stage++);
      if (next == null) {
        return StageInput.keepingPositions(end, IntStream.range(0, now.length).toArray());
      }
      alive = next;
      int[] rows = Arrays.stream(next).map(token -> Arrays.binarySearch(now, token)).toArray();
      return choice.renumbered()
          ? StageInput.renumbered(end, rows)
          : StageInput.keepingPositions(end, rows);
    }
  }

  private static PromptEmbeddings embedded(JsonNode rows) {
    int tokens = rows.size();
    FloatBuffer values = DirectBuffers.floats((long) tokens * rows.get(0).size());
    rows.forEach(row -> values.put(floats(row)));
    return new PromptEmbeddings(values.flip(), PositionIds.counting(0, tokens), tokens);
  }

  private static int[] ints(JsonNode array) {
    return array.valueStream().mapToInt(JsonNode::asInt).toArray();
  }

  private static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) array.get(i).asDouble();
    }
    return values;
  }
}
