package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.pruner.Budget;
import dev.squint.pruner.CropTokens;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.GlanceAttention;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The first decoder layers run on global views before crops are encoded. */
class GlanceTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final String QUESTION = "What is in the picture?";
  private static VisionLanguageModel tiled;
  private static Picture wide;
  private static Picture small;

  @BeforeAll
  static void load() {
    tiled = LoadedModels.of(PACKAGES.resolve("tiled"));
    wide = new PictureReader().read(PACKAGES.resolve("llava/test/wide_300x150.png"));
    small = new PictureReader().read(PACKAGES.resolve("llava/test/small_90x70.png"));
  }

  /** Encodes no crop, and records which crops the question attends to. */
  private static final class Watching implements Pruner<CropTokens> {
    private final GlanceAttention kind = new GlanceAttention(2);
    private final List<PatchTokens> views = new ArrayList<>();

    @Override
    public Set<Evidence<?>> needs() {
      return Set.of(new GlobalViews(Set.of(kind)));
    }

    @Override
    public TokenReduction reduce(CropTokens crops, Budget budget) {
      views.add(crops.evidence(new GlobalViews(Set.of(kind))));
      return TokenReduction.keep(crops.size(), new int[0]);
    }

    @Override
    public double operations(CropTokens crops, Budget budget, TokenReduction decision) {
      return 0;
    }
  }

  private static PruningPlan plan(Pruner<CropTokens> method) {
    return MethodCatalogue.all()
        .with(Method.own("watching", CropTokens.class, method, Point.Kind.TILES))
        .plan("tiles:watching(crops=0)");
  }

  @Test
  void theLookIsTheAttentionOfAPromptWithTheGlobalViewAlone() {
    Watching watching = new Watching();
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(1);
    Answer answer = tiled.ask(List.of(wide), QUESTION, options.withPlan(plan(watching)));
    List<PointReport> reports = new ArrayList<>();
    tiled.ask(
        List.of(wide),
        QUESTION,
        options
            .withPlan("tiles:thumbnail(crops=0) + layer2:fastv(keep=0.5)")
            .reportingTo(reports::add));

    PatchTokens view = watching.views.get(0);
    // Tokens of crops, which were not encoded, have no scores.
    float[] ofAll = reports.get(reports.size() - 1).scores().orElseThrow();
    float[] scores = new float[view.size()];
    int at = 0;
    for (float score : ofAll) {
      if (!Float.isNaN(score)) {
        scores[at++] = score;
      }
    }
    assertThat(at).isEqualTo(scores.length);
    assertThat(view.evidence(watching.kind).meanOverHeads()).containsExactly(scores);
    assertThat(answer.prefillRuns().get(0)).isEqualTo(new StageRun(0, 2, answer.promptTokens()));
    assertThat(answer.encoding().encodedTiles()).isEqualTo(1);
    assertThat(answer.pruneOperations()).isPositive();
  }

  @Test
  void cropsAreChosenForEachPicture_alsoBesideOneWithoutCrops() {
    Answer all = tiled.ask(List.of(wide, small), QUESTION, AskOptions.DEFAULT.withMaxTokens(2));
    Answer some =
        tiled.ask(
            List.of(wide, small),
            QUESTION,
            AskOptions.DEFAULT.withMaxTokens(2).withPlan("tiles:lrs-tiles(keep=0.5)"));

    assertThat(some.encoding().tiles()).isEqualTo(all.encoding().tiles());
    assertThat(some.encoding().encodedTiles()).isLessThan(all.encoding().encodedTiles());
    assertThat(some.keptVisualTokens()).isLessThan(all.keptVisualTokens());
  }

  @Test
  void aLayerThatTheDecoderHasNotIsRefused() {
    assertThatThrownBy(() -> tiled.check(PruningPlan.parse("tiles:lrs-tiles(layers=9)")))
        .hasMessageContaining("the decoder has 4 layers");
  }
}
