package dev.squint.eval.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.plan.PruningPlan;
import java.util.List;
import org.junit.jupiter.api.Test;

class BaselinesTest {

  @Test
  void eachShare_hasItsBaselinesOnce() {
    List<PruningPlan> wanted =
        List.of(
            PruningPlan.parse("encoder:cls-attention(keep=0.25)"),
            PruningPlan.parse("encoder:text-guided(keep=0.25)"),
            PruningPlan.parse("encoder:random(keep=0.25)"));
    assertThat(Baselines.with(wanted, false))
        .extracting(PruningPlan::toString)
        .containsExactly(
            "none",
            "encoder:random(keep=0.25)",
            "encoder:uniform-grid(keep=0.25)",
            "encoder:average-pool(keep=0.25)",
            "tiles:downsample(keep=0.25)",
            "encoder:cls-attention(keep=0.25)",
            "encoder:text-guided(keep=0.25)");
    assertThat(Baselines.without(wanted)).hasSize(4).startsWith(PruningPlan.none());
  }

  @Test
  void sharesOfSeveralStepsMultiply_andDecoderStepsDoNotCount() {
    assertThat(
            Baselines.keep(
                PruningPlan.parse(
                    "encoder:random(keep=0.5) + encoder:uniform-grid(keep=0.5) + layer2:random(keep=0.5)")))
        .hasValue(0.25);
    assertThat(Baselines.keep(PruningPlan.parse("layer2:random(keep=0.5)"))).isEmpty();
  }

  @Test
  void downsample_isTheMethodAtTiles() {
    assertThat(Baselines.parse("downsample(keep=0.25)")).hasToString("tiles:downsample(keep=0.25)");
    assertThat(Baselines.parse("tiles:downsample(keep=0.25)").pictureShare()).isEqualTo(0.25);
    assertThat(Baselines.downsample(0.25).pictureShare()).isEqualTo(0.25);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Baselines.parse("downsample(keep=1.5)"))
        .withMessageContaining("1.5");
  }

  @Test
  void clips_haveNoSmallerPicture() {
    assertThat(Baselines.with(List.of(PruningPlan.parse("encoder:random(keep=0.5)")), true))
        .extracting(PruningPlan::toString)
        .noneMatch(plan -> plan.contains("downsample"));
  }
}
