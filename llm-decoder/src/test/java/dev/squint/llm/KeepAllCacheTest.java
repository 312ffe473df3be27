package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A policy that may keep everything changes nothing, also after many tokens of the answer. */
class KeepAllCacheTest {

  private static final Path PACKAGE = Path.of("src/test/resources/packages/llava");
  private static final int TOKENS = 24;

  private static Answer ask(VisionLanguageModel model, String plan) {
    Picture picture = new PictureReader().read(PACKAGE.resolve("test/small_90x70.png"));
    return model.ask(
        List.of(picture),
        "What is in the picture?",
        AskOptions.DEFAULT.withPlan(plan).withMaxTokens(TOKENS).withPromptReuse(false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2o", "streamingllm", "snapkv", "lookm"})
  void keepingAll_isNoPlan(String policy) {
    try (VisionLanguageModel model = VisionLanguageModel.load(PACKAGE)) {
      Answer all = ask(model, "cache:%s(keep=1.0)".formatted(policy));
      Answer none = ask(model, "none");
      assertThat(all.text()).isEqualTo(none.text());
      assertThat(all.completionTokens()).isEqualTo(TOKENS);
      assertThat(all.kvBytes()).isEqualTo(none.kvBytes());
    }
  }

  @Test
  void keepingLess_isSmaller() {
    try (VisionLanguageModel model = VisionLanguageModel.load(PACKAGE)) {
      assertThat(ask(model, "cache:h2o(keep=0.5)").kvBytes())
          .isLessThan(ask(model, "none").kvBytes());
    }
  }
}
