package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plans of every kind that acts in the decoder give the logits of PyTorch, in which every token
 * runs through every layer and masks hide the tokens that a layer must not see: spelled out,
 * counting its tokens, and in fused operators.
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
    JsonNode expected =
        new ObjectMapper().readTree(Files.readString(PACKAGE.resolve("test/masks.json")));
    assertThat(expected.get("plans").size()).isGreaterThan(12);
    try (VisionLanguageModel model = VisionLanguageModel.load(folder)) {
      for (JsonNode plan : expected.get("plans")) {
        check(model, expected, plan);
      }
    }
  }

  private static void check(VisionLanguageModel model, JsonNode expected, JsonNode plan) {
    String text = plan.get("plan").asText();
    RecordedTokens recorded = new RecordedTokens();
    Answer answer =
        model.ask(
            List.of(new PictureReader().read(PACKAGE.resolve(expected.get("picture").asText()))),
            expected.get("question").asText(),
            recorded.options().withPlan(text).withMaxTokens(plan.get("tokens").size()));

    if (!plan.get("encoder").isNull()) {
      assertThat(answer.reduction().kept()).as(text).containsExactly(ints(plan.get("encoder")));
    }
    for (int i = 0; i < plan.get("layers").size(); i++) {
      assertThat(answer.layerReductions().get(i).reduction().kept())
          .as("kept by %s at its step %d", text, i)
          .containsExactly(ints(plan.get("layers").get(i).get("kept")));
    }
    for (int step = 0; step < plan.get("tokens").size(); step++) {
      Recorded.checkSamples(
          recorded.logits().get(step),
          plan.get("logits").get(step),
          LOGITS,
          "step %d of %s".formatted(step, text));
    }
    assertThat(recorded.tokens()).as(text).containsExactly(boxed(plan.get("tokens")));
  }

  private static int[] ints(JsonNode array) {
    return array.valueStream().mapToInt(JsonNode::asInt).toArray();
  }

  private static Integer[] boxed(JsonNode array) {
    return array.valueStream().map(JsonNode::asInt).toArray(Integer[]::new);
  }
}
