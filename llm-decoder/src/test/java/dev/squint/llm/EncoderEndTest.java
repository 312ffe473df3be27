package dev.squint.llm;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans after the last layer of an encoder, where the stage behind it is the projector alone. */
class EncoderEndTest {

  // The cut changes nothing but where results are stored.
  private static final Tolerance LOGITS = Tolerance.relative(1e-5);

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final Picture PICTURE =
      new PictureReader().read(PACKAGES.resolve("llava/test/small_90x70.png"));

  private static RecordedTokens ask(VisionLanguageModel model, String plan) {
    RecordedTokens recorded = new RecordedTokens();
    model.ask(List.of(PICTURE), "What is it?", recorded.options().withMaxTokens(2).withPlan(plan));
    return recorded;
  }

  @ParameterizedTest
  @CsvSource({"llava, 32", "tiled, 90", "paligemma, 8", "moondream1, 8", "smolvlm2, 80"})
  void tokensAreMergedAfterTheLastLayer(String name, int left) {
    try (VisionLanguageModel model = VisionLanguageModel.load(PACKAGES.resolve(name))) {
      List<float[]> whole = ask(model, "none").logits();
      List<float[]> all = ask(model, "encoder3:tome(keep=1.0)").logits();
      assertClose(all.get(0), whole.get(0), LOGITS, "nothing is merged");

      AskOptions options = AskOptions.DEFAULT.withMaxTokens(2);
      Answer merged =
          model.ask(List.of(PICTURE), "What is it?", options.withPlan("encoder3:tome(keep=0.5)"));
      assertThat(merged.keptVisualTokens()).isEqualTo(left);
      assertThat(ask(model, "encoder3:tome(keep=0.5)").logits().get(0)).isNotEqualTo(whole.get(0));

      assertThatThrownBy(() -> model.check(PruningPlan.parse("encoder4:tome(keep=0.5)")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the encoder has 3 layers, so there is no point 'encoder4'");
    }
  }
}
