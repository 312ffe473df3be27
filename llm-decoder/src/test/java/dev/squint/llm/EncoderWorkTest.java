package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the four layers of the default model's encoder ran on, tiles of 144 tokens. */
class EncoderWorkTest {

  private static final Path SAMPLES = Path.of("../samples");
  private static final double ALL = 144;
  private static final double SOME = 72;

  private static VisionLanguageModel model;
  private static Picture large;
  private static Picture small;

  @BeforeAll
  static void load() {
    model = LoadedModels.of(SAMPLES.resolve("tiny-vlm/package"));
    large = new PictureReader().read(SAMPLES.resolve("pictures/shapes-large.png"));
    small = new PictureReader().read(SAMPLES.resolve("pictures/shapes.png"));
  }

  private static EncoderWork ask(Picture picture, String plan) {
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(1).withPlan(plan);
    return model.ask(List.of(picture), "Which shape is green?", options).encoderWork();
  }

  private static EncoderWork ofOneTile(double... tokens) {
    return new EncoderWork(
        1,
        DoubleStream.of(tokens).boxed().toList(),
        DoubleStream.of(tokens).map(n -> n * n).boxed().toList());
  }

  @Test
  void plansBeforeTheEncoder_giveAllLayersTheSame() {
    assertThat(ask(large, "none"))
        .isEqualTo(new EncoderWork(5, List.of(5 * ALL), List.of(5 * ALL * ALL)));
    assertThat(ask(large, "tiles:thumbnail(crops=2)"))
        .isEqualTo(new EncoderWork(3, List.of(3 * ALL), List.of(3 * ALL * ALL)));
    assertThat(ask(small, "patches:uniform-grid(keep=0.5)")).isEqualTo(ofOneTile(SOME));
  }

  /** The layers behind the point run on what is left; one that is stabilised runs on all. */
  @Test
  void plansInsideTheEncoder_giveLaterLayersLess_alsoFromTheCache() {
    EncoderWork half = ofOneTile(ALL, ALL, SOME, SOME);

    assertThat(ask(small, "encoder2:tome(keep=0.5)")).isEqualTo(half);
    assertThat(ask(small, "encoder2:tome(keep=0.5)")).isEqualTo(half);
    assertThat(ask(small, "encoder2:ipcv(keep=0.5, stabilised=1)"))
        .isEqualTo(ofOneTile(ALL, ALL, ALL, SOME));
    assertThat(ask(small, "patches:uniform-grid(keep=0.5) + encoder2:tome(keep=0.5)"))
        .isEqualTo(ofOneTile(SOME, SOME, SOME / 2, SOME / 2));
  }

  @ParameterizedTest
  @CsvSource({"encoder1:flowcut(keep=0.25), 36", "encoder2:flowcut(keep=0.5), 72"})
  void dropping_inSeveralLayers(String plan, double last) {
    List<Double> tokens = ask(small, plan).tokens();

    assertThat(tokens).hasSize(4).isSortedAccordingTo(Collections.reverseOrder());
    assertThat(tokens.get(0)).isEqualTo(ALL);
    assertThat(tokens.get(3)).isBetween(last, ALL - 1);
  }

  /** The groups of a first look attend to each other alone, and the stem runs on the tile twice. */
  @Test
  void aFirstLook_isAPassOfItsOwn() {
    double each = SOME / 2;

    assertThat(ask(small, "patches:glance(first=0.25, keep=0.5)"))
        .isEqualTo(new EncoderWork(2, List.of(SOME), List.of(2 * each * each)));
    // All are encoded together after the look.
    assertThat(ask(small, "patches:glance(first=0.25, keep=1.0)"))
        .isEqualTo(new EncoderWork(2, List.of(each + ALL), List.of(each * each + ALL * ALL)));
  }

  @Test
  void tokensAndPairs_areOfTheSameLayers() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EncoderWork(1, List.of(1.0, 2.0), List.of(1.0)))
        .withMessageContaining("but have 2 and 1");
  }
}
