package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.llm.RequestStep.Cost;
import dev.squint.llm.RequestStep.Encoded;
import dev.squint.llm.RequestStep.Frames;
import dev.squint.llm.RequestStep.Prompted;
import dev.squint.llm.RequestStep.Tiled;
import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.llm.prompt.Prompt;
import dev.squint.pruner.TokenReduction;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.tile.TiledImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens stay at the positions of the whole prompt, wherever others left. */
class PlacesTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          smolvlm2               | patches:uniform-grid(keep=0.5)
          smolvlm2               | patches:uniform-grid(keep=0.5) + encoder:uniform-grid(keep=0.5)
          smolvlm2               | tiles:random(keep=0.5)
          smolvlm2               | patches:random(tokens=3)
          llava                  | patches:uniform-grid(keep=0.5)
          llava                  | encoder1:tome(keep=0.5)
          llava-next             | patches:uniform-grid(keep=0.5)
          internvl               | patches:uniform-grid(keep=0.5)
          janus                  | patches:uniform-grid(keep=0.5)
          phi3-v                 | patches:uniform-grid(keep=0.5)
          paligemma              | patches:uniform-grid(keep=0.5)
          gemma3                 | patches:uniform-grid(keep=0.5)
          qwen2-vl               | patches:uniform-grid(keep=0.5)
          tiled                  | patches:uniform-grid(keep=0.5)
          """)
  void placesAreThoseOfTheWholePrompt(String name, String plan) {
    VisionLanguageModel model = LoadedModels.of(PACKAGES.resolve(name));
    Prompted all = prompted(model, "encoder:in-place");
    Prompted some = prompted(model, plan + " + encoder:in-place");

    int[] given = all.pruned().reduction().kept();
    int[] left =
        IntStream.of(some.pruned().reduction().kept())
            .map(token -> Arrays.binarySearch(given, token))
            .toArray();
    Prompt expected = all.prompt().without(TokenReduction.keep(given.length, left));
    assertThat(left).hasSizeLessThan(given.length);
    assertThat(some.prompt().ids()).isEqualTo(expected.ids());
    assertThat(some.prompt().visual()).isEqualTo(expected.visual());
    assertThat(some.prompt().positions()).isEqualTo(expected.positions());
    assertThat(some.prompt().nextPosition()).isEqualTo(expected.nextPosition());
  }

  @Test
  void modelThatJoinsTokens_isRefused() {
    VisionLanguageModel model = LoadedModels.of(PACKAGES.resolve("llava-onevision-anyres"));
    assertThatThrownBy(() -> prompted(model, "patches:uniform-grid(keep=0.5) + encoder:in-place"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("model llava-onevision-anyres joins its tokens after the encoder");
  }

  private static Prompted prompted(VisionLanguageModel model, String plan) {
    ModelParts parts = model.parts();
    AskOptions options = AskOptions.DEFAULT.withPlan(plan);
    Picture picture = new PictureReader().read(PACKAGES.resolve("llava/test/wide_300x150.png"));
    List<Message> asked = List.of(Message.user(List.of(picture), "What is in the picture?"));
    Cost none = Cost.of(0, 0);
    ExpandedConversation expanded = parts.tiling().expand(asked, options.plan());
    List<Content> images = expanded.images();
    List<TiledImage> full = parts.tiling().full(images);
    Tiled tiled =
        new Tiled(
            new Frames(asked, expanded, none),
            full,
            parts.tiling().given(images, full, options.plan()),
            List.of(),
            none);
    Encoded encoded = new EncodeStep(parts, options).encode(tiled);
    return new PromptStep(parts, options).write(new PruneStep(parts, options).prune(encoded));
  }
}
