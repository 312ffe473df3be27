package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.squint.llm.decoder.Sampler;
import dev.squint.pruner.Budget;
import dev.squint.pruner.CropTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.pruner.evidence.Trained;
import dev.squint.pruner.maths.RelevanceHead;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.testing.Closeness;
import dev.squint.testing.Tolerance;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.picture.ResampleFilter;
import dev.squint.vision.picture.Resampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Levels of a pyramid on the default model: which crops are encoded, and what the prompt holds. */
class LrsPyramidTest {

  private static final Path SAMPLES = Path.of("../samples");
  private static final String QUESTION = "Which shape is green?";
  private static final int TOKENS = 144;

  // Five digits after the point of logits up to 10 are recorded; the encoder rounds by 1e-6.
  private static final Tolerance LOGIT = Tolerance.relative(5e-5);

  private static VisionLanguageModel model;
  private static Picture large;
  private static Picture small;

  @BeforeAll
  static void load() {
    model = LoadedModels.of(SAMPLES.resolve("tiny-vlm/package"));
    large = new PictureReader().read(SAMPLES.resolve("pictures/shapes-large.png"));
    small = new PictureReader().read(SAMPLES.resolve("pictures/shapes.png"));
  }

  /** Encodes no crop, and records what the head sees. */
  private static final class Watching implements Pruner<CropTokens> {
    private static final GlobalViews VIEWS =
        new GlobalViews(Set.of(new QuestionEmbeddings(), new Trained("lrs")));
    private final List<PatchTokens> views = new ArrayList<>();

    @Override
    public Set<Evidence<?>> needs() {
      return Set.of(VIEWS);
    }

    @Override
    public TokenReduction reduce(CropTokens crops, Budget budget) {
      views.add(crops.evidence(VIEWS));
      return TokenReduction.keep(crops.size(), new int[0]);
    }
  }

  @Test
  void theHeadsLogitsAreThoseOfPyTorch() throws IOException {
    Path file = SAMPLES.resolve("tiny-vlm/package/test/lrs.json");
    for (JsonNode expected : new ObjectMapper().readTree(Files.readString(file)).get("cases")) {
      Watching watching = new Watching();
      PruningPlan plan =
          MethodCatalogue.all()
              .with(Method.own("watching", CropTokens.class, watching, Point.Kind.TILES))
              .plan("tiles:watching(crops=0)");
      model.ask(
          List.of(large),
          expected.get("question").asText(),
          AskOptions.DEFAULT.withMaxTokens(1).withPlan(plan));
      PatchTokens view = watching.views.get(0);
      float[] logits =
          new RelevanceHead(view.evidence(new Trained("lrs")))
              .logits(view.features(), view.evidence(new QuestionEmbeddings()));

      assertThat(logits).hasSize(TOKENS);
      float[] recorded = new float[TOKENS];
      for (int i = 0; i < TOKENS; i++) {
        recorded[i] = (float) expected.get("logits").get(i).asDouble();
      }
      Closeness.assertClose(logits, recorded, LOGIT, "logits of the head");
    }
  }

  private static Answer ask(Picture picture, String plan) {
    return model.ask(
        List.of(picture), QUESTION, AskOptions.DEFAULT.withMaxTokens(2).withPlan(plan));
  }

  @ParameterizedTest
  @ValueSource(strings = {"layers", "head"})
  void finerCrops_areChosenByHalfOfThePackagesCrops(String guide) {
    Answer answer =
        ask(large, "tiles:lrs-tiles(crops=3, guide=%s, levels=2, zoom=2)".formatted(guide));

    // The view, two of the package's four crops, three of sixteen finer ones.
    assertThat(answer.encoding())
        .isEqualTo(new Encoding(1 + 4 + 16, 1 + 2 + 3, (1 + 2 + 3) * TOKENS, 5 * TOKENS));
    assertThat(answer.tiles()).hasSize(17);
    assertThat(answer.keptVisualTokens()).isEqualTo(4 * TOKENS);
    assertThat(answer.prefillRuns()).hasSize(guide.equals("layers") ? 3 : 1);
    assertThat(model.map(List.of(large), answer)).hasSize(1);
  }

  /** All tiles of all levels are encoded: no more than there are. */
  @Test
  void everyTileOfEveryLevel_isEncodedOnce() {
    Answer answer = ask(large, "tiles:lrs-tiles(keep=1, levels=2, zoom=2, coarse=1)");

    assertThat(answer.encoding()).isEqualTo(new Encoding(21, 21, 21 * TOKENS, 5 * TOKENS));
    assertThat(answer.keptVisualTokens()).isEqualTo(17 * TOKENS);
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

    assertThat(answer.encoding()).isEqualTo(new Encoding(5, 5, 5 * TOKENS, TOKENS));
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
    assertThat(two.encoding()).isEqualTo(new Encoding(5, 3, 3 * TOKENS, 5 * TOKENS));
  }

  @Test
  void packageWithoutTheHead_isRefused() {
    VisionLanguageModel other = LoadedModels.of(Path.of("src/test/resources/packages/llava"));
    for (String plan :
        List.of("tiles:lrs-tiles(guide=head)", "tiles:lrs-tiles(guide=head, levels=2)")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> other.check(PruningPlan.parse(plan)))
          .withMessageContaining("'lrs-tiles' with these options needs the trained weights 'lrs'")
          .withMessageContaining("choose another guide or a package that has them");
    }
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
