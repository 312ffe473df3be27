package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.llm.decoder.Sampler;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.picture.ResampleFilter;
import dev.squint.vision.picture.Resampler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Levels of a pyramid on the default model: which crops are encoded, and what the prompt holds. */
class LrsPyramidTest {

  private static final Path SAMPLES = Path.of("../samples");
  private static final String QUESTION = "Which shape is green?";
  private static final int TOKENS = 144;
  private static VisionLanguageModel model;
  private static Picture large;
  private static Picture small;

  @BeforeAll
  static void load() {
    model = LoadedModels.of(SAMPLES.resolve("tiny-vlm/package"));
    large = new PictureReader().read(SAMPLES.resolve("pictures/shapes-large.png"));
    small = new PictureReader().read(SAMPLES.resolve("pictures/shapes.png"));
  }

  private static Answer ask(Picture picture, String plan) {
    return model.ask(
        List.of(picture), QUESTION, AskOptions.DEFAULT.withMaxTokens(2).withPlan(plan));
  }

  @Test
  void finerCrops_areChosenByHalfOfThePackagesCrops() {
    Answer answer = ask(large, "tiles:lrs-tiles(crops=3, levels=2, zoom=2)");

    // The view, two of the package's four crops, three of sixteen finer ones.
    assertThat(answer.encoding().tiles()).isEqualTo(5);
    assertThat(answer.encoding().encodedTiles()).isEqualTo(1 + 2 + 3);
    assertThat(answer.encoding().encodedTokens()).isEqualTo(6 * TOKENS);
    assertThat(answer.tiles()).hasSize(17);
    assertThat(answer.keptVisualTokens()).isEqualTo(4 * TOKENS);
    assertThat(answer.encoding().visualTokens()).isEqualTo(5 * TOKENS);
    assertThat(answer.prefillRuns()).hasSize(3);
    assertThat(model.map(List.of(large), answer)).hasSize(1);
  }

  /**
   * A picture of one tile, which the package would not enlarge, has the crops of one twice as wide.
   */
  @Test
  void zoom_isAPictureEnlargedByHand() {
    List<float[]> zoomed = new ArrayList<>();
    List<float[]> enlarged = new ArrayList<>();
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(1);
    Answer answer =
        model.ask(
            List.of(small),
            QUESTION,
            options.withPlan("tiles:lrs-tiles(crops=4, zoom=2)").withSampler(() -> into(zoomed)));
    model.ask(
        List.of(Resampler.resize(small, 192, 192, ResampleFilter.LANCZOS)),
        QUESTION,
        options.withSampler(() -> into(enlarged)));

    assertThat(answer.encoding().encodedTiles()).isEqualTo(5);
    assertThat(zoomed.get(0)).containsExactly(enlarged.get(0));
  }

  private static Sampler into(List<float[]> logits) {
    return values -> {
      logits.add(values.clone());
      return Sampler.GREEDY.next(values);
    };
  }

  /** Half of the size of the package is the global view. */
  @Test
  void coarserLevelOfOneTile_isTheGlobalView() {
    Answer two = ask(large, "tiles:lrs-tiles(crops=2, levels=2)");
    Answer one = ask(large, "tiles:lrs-tiles(crops=2)");

    assertThat(two.reduction().kept()).containsExactly(one.reduction().kept());
    assertThat(two.encoding().encodedTiles()).isEqualTo(3);
  }

  @Test
  void picturesOfOneSizeAlone_andPicturesThatAreShrunkToo_areRefused() {
    VisionLanguageModel other = LoadedModels.of(Path.of("src/test/resources/packages/llava"));
    for (String plan : List.of("tiles:lrs-tiles(zoom=2)", "tiles:lrs-tiles(levels=2)")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> other.check(PruningPlan.parse(plan)))
          .withMessageContaining("has crops of one size of a picture alone");
    }
    PruningPlan both = PruningPlan.parse("tiles:downsample(keep=0.5) + tiles:lrs-tiles(zoom=2)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.check(both))
        .withMessageContaining("both shrinks pictures and asks for levels of them");
  }
}
