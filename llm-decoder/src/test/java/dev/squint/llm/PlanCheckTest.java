package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.squint.pruner.plan.PruningPlan;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which plans a model can follow, and what it says of the others. */
class PlanCheckTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");

  private static void check(String name, String plan) {
    LoadedModels.of(PACKAGES.resolve(name)).check(PruningPlan.parse(plan));
  }

  private static void checkTiny(String plan) {
    LoadedModels.of(Path.of("../samples/tiny-vlm/package")).check(PruningPlan.parse(plan));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "encoder:cls-attention(keep=0.5, layer=-1)",
        "encoder:text-guided(keep=0.5)",
        "tiles:text(keep=0.5)",
        "tiles:lrs-tiles(keep=0.5)",
        "patches:glance(keep=0.5)",
        "patches:pixelprune",
        "layer2:fastv(keep=0.5)",
        "encoder:deepstack(groups=2)"
      })
  void plansWithEvidenceOfEveryGiver_canBeFollowed(String plan) {
    assertThatNoException().isThrownBy(() -> check("llava", plan));
  }

  /** The picture encoder of the package gives the CLS attention of its last layer alone. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "encoder:cls-attention(keep=0.5, layer=3) | 'cls-attention' needs ClsAttention | encoder",
        "tiles:thumbnail(keep=0.5, layer=3) | 'thumbnail' needs GlobalViews | encoder",
        "layer1:dyvte | 'dyvte' needs Trained | package"
      })
  void evidenceThatNobodyGives_isNamedWithWhoWouldGiveIt(String plan, String need, String giver) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check("llava", plan))
        .withMessageStartingWith(need)
        .withMessageContaining("which the %s of llava does not provide".formatted(giver));
  }

  @Test
  void methodsOfThePointThatWork_areListed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check("llava", "tiles:thumbnail(keep=0.5, layer=3)"))
        .withMessageEndingWith(
            "methods that work: [random, downsample, thumbnail, text, lrs-tiles, skip-plain]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check("llava", "layer1:dyvte"))
        .withMessageContaining("fastv")
        .withMessageNotContaining("deepstack")
        .withMessageNotContaining("dyvte,");
  }

  @Test
  void weightsForOtherPoints_areNamedWithTheirs() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> checkTiny("layer1:dyvte"))
        .withMessageStartingWith("'dyvte' was trained for [layer2, layer3,")
        .withMessageEndingWith(", not for 'layer1'");
    assertThatNoException().isThrownBy(() -> checkTiny("layer2:dyvte"));
  }

  @Test
  void aModelWithFeaturesOfItsOwn_refusesDeepStack() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check("qwen3-vl", "encoder:deepstack"))
        .withMessageContaining("adds features of its own between layers");
    assertThatNoException().isThrownBy(() -> check("qwen3-vl", "encoder:random(keep=0.5)"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "layer4:random(keep=0.5) | the decoder has 4 layers",
        "encoder4:tome(keep=0.5) | the encoder has 3 layers"
      })
  void partsThatCannotFollow_areQuotedWithModelAndPlan(String plan, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check("llava", plan))
        .withMessageStartingWith("model llava cannot follow '%s': %s".formatted(plan, reason));
  }
}
