package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans on a model with tiles of several sizes and a decoder that keeps states. */
class Lfm2PlansTest {

  private static final Path PACKAGE = Path.of("src/test/resources/packages/lfm2-vl");

  private static VisionLanguageModel model;
  private static Picture small;

  @BeforeAll
  static void load() {
    model = LoadedModels.of(PACKAGE);
    small = new PictureReader().read(PACKAGE.resolve("test/small_90x70.png"));
  }

  private static Answer ask(String plan) {
    return model.ask(
        List.of(small), "Where is it?", AskOptions.DEFAULT.withPlan(plan).withMaxTokens(8));
  }

  @Test
  void keepingAll_isNoPlan() {
    assertThat(ask("encoder:random(keep=1.0)").text()).isEqualTo(ask("none").text());
  }

  @Test
  void crops_areLeftOutBeforeTheEncoder() {
    Answer none = ask("none");
    Answer two = ask("tiles:random(crops=2)");

    assertThat(none.encoding().encodedTiles()).isEqualTo(7);
    assertThat(two.encoding().encodedTiles()).isEqualTo(3);
    // Two crops of 16 tokens and the whole picture of 12.
    assertThat(two.keptVisualTokens()).isEqualTo(44);
    assertThat(two.promptTokens()).isEqualTo(none.promptTokens() - 4 * 17);
  }

  @Test
  void tokens_areDroppedAfterTheEncoder() {
    Answer none = ask("none");
    Answer half = ask("encoder:random(keep=0.5)");

    assertThat(none.visualTokens()).isEqualTo(108);
    assertThat(half.keptVisualTokens()).isEqualTo(54);
    assertThat(half.completionTokens()).isEqualTo(8);
  }

  @Test
  void smallerPictures_haveFewerTokens() {
    assertThat(ask("tiles:downsample(keep=0.3)").keptVisualTokens()).isBetween(1, 50);
  }

  @ParameterizedTest
  @ValueSource(strings = {"layer2:fastv(keep=0.5)", "cache:h2o(keep=0.5)"})
  void plansInsideTheDecoder_areRefusedWithTheState(String plan) {
    assertThatThrownBy(() -> ask(plan))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("keeps a state ('present_conv.0')");
  }

  @Test
  void patches_areRefused() {
    assertThatThrownBy(() -> ask("patches:random(keep=0.5)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("takes the patches of tiles of several sizes")
        .hasMessageContaining("instead of patches");
  }
}
