package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plans of every kind that acts in the decoder give the logits of PyTorch, in which every token
 * runs through every layer and masks hide the tokens that a layer must not see, or the rows that a
 * head of its cache has dropped: spelled out, counting its tokens, and in fused operators.
 */
class MaskedAnswersTest {

  // PyTorch sums in another order, over the hidden tokens too.
  private static final Tolerance LOGITS = Tolerance.relative(2e-4);

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final Path PACKAGE = PACKAGES.resolve("smolvlm2");

  @TempDir Path folder;

  @Test
  void spelledOut() throws IOException {
    check(PACKAGE);
  }

  @Test
  void spelledOutAndCounting() throws IOException {
    CountingForms.ROWS.copy(PACKAGE, folder);
    check(folder);
  }

  @Test
  void fused() throws IOException {
    check(PACKAGES.resolve("smolvlm2-fused"));
  }

  private static void check(Path folder) throws IOException {
    JsonNode layers = expected("masks.json");
    JsonNode cache = expected("cache-masks.json");
    List<PruningPlan> plans =
        Stream.concat(layers.get("plans").valueStream(), cache.get("plans").valueStream())
            .map(plan -> PruningPlan.parse(plan.get("plan").asText()))
            .toList();
    assertThat(plans).hasSizeGreaterThan(30);
    // Named at once, so that the decoder is cut once.
    try (VisionLanguageModel model =
        VisionLanguageModel.load(folder, LoadOptions.DEFAULT.withPlans(plans))) {
      for (JsonNode plan : layers.get("plans")) {
        checkReductions(answer(model, layers, plan), plan);
      }
      for (JsonNode plan : cache.get("plans")) {
        checkRows(model, answer(model, cache, plan), plan);
      }
    }
  }

  private static JsonNode expected(String file) throws IOException {
    return new ObjectMapper().readTree(Files.readString(PACKAGE.resolve("test").resolve(file)));
  }

  /** Asks with a plan, and compares the logits and tokens. */
  private static Answer answer(VisionLanguageModel model, JsonNode expected, JsonNode plan) {
    String text = plan.get("plan").asText();
    RecordedTokens recorded = new RecordedTokens();
    Answer answer =
        model.ask(
            List.of(new PictureReader().read(PACKAGE.resolve(expected.get("picture").asText()))),
            expected.get("question").asText(),
            recorded.options().withPlan(text).withMaxTokens(plan.get("tokens").size()));

    for (int step = 0; step < plan.get("tokens").size(); step++) {
      Recorded.checkSamples(
          recorded.logits().get(step),
          plan.get("logits").get(step),
          LOGITS,
          "step %d of %s".formatted(step, text));
    }
    assertThat(recorded.tokens()).as(text).hasSize(16).containsExactly(boxed(plan.get("tokens")));
    return answer;
  }

  private static void checkReductions(Answer answer, JsonNode plan) {
    String text = plan.get("plan").asText();
    if (!plan.get("encoder").isNull()) {
      checkReduction(answer.reduction(), plan.get("encoder"), plan, text);
    }
    for (int i = 0; i < plan.get("layers").size(); i++) {
      JsonNode layer = plan.get("layers").get(i);
      TokenReduction reduction = answer.layerReductions().get(i).reduction();
      checkReduction(reduction, layer.get("kept"), layer, "step %d of %s".formatted(i, text));
    }
  }

  private static void checkReduction(
      TokenReduction reduction, JsonNode kept, JsonNode from, String what) {
    assertThat(reduction.kept()).as(what).containsExactly(ints(kept));
    if (from.has("target")) {
      assertThat(reduction.target()).as(what).containsExactly(ints(from.get("target")));
    }
  }

  /** The cache holds as many rows in each layer as masks leave. */
  private static void checkRows(VisionLanguageModel model, Answer answer, JsonNode plan) {
    if (plan.has("rows")) {
      int[] rows = ints(plan.get("rows"));
      long bytes = model.decoder().cacheBytesPerToken() / rows.length * IntStream.of(rows).sum();
      assertThat(answer.kvBytes()).as(plan.get("plan").asText()).isEqualTo(bytes);
    }
  }

  private static int[] ints(JsonNode array) {
    return array.valueStream().mapToInt(JsonNode::asInt).toArray();
  }

  private static Integer[] boxed(JsonNode array) {
    return array.valueStream().map(JsonNode::asInt).toArray(Integer[]::new);
  }
}
