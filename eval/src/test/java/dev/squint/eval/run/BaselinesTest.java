package dev.squint.eval.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.vision.picture.Picture;
import java.util.List;
import org.junit.jupiter.api.Test;

class BaselinesTest {

  @Test
  void eachShare_hasItsBaselinesOnce() {
    List<Condition> wanted =
        List.of(
            Condition.parse("encoder:cls-attention(keep=0.25)"),
            Condition.parse("encoder:text-guided(keep=0.25)"),
            Condition.parse("encoder:random(keep=0.25)"));
    assertThat(Baselines.with(wanted))
        .extracting(Condition::toString)
        .containsExactly(
            "none",
            "encoder:random(keep=0.25)",
            "encoder:uniform-grid(keep=0.25)",
            "encoder:average-pool(keep=0.25)",
            "downsample(keep=0.25)",
            "encoder:cls-attention(keep=0.25)",
            "encoder:text-guided(keep=0.25)");
    assertThat(Baselines.without(wanted)).hasSize(4).startsWith(Condition.UNPRUNED);
  }

  @Test
  void sharesOfSeveralStepsMultiply_andDecoderStepsDoNotCount() {
    assertThat(
            Baselines.keep(
                Condition.parse(
                        "encoder:random(keep=0.5) + encoder:uniform-grid(keep=0.5) + layer2:random(keep=0.5)")
                    .plan()))
        .hasValue(0.25);
    assertThat(Baselines.keep(Condition.parse("layer2:random(keep=0.5)").plan())).isEmpty();
  }

  @Test
  void downsample_keepsThatShareOfThePixels() {
    Condition quarter = Condition.parse("downsample(keep=0.25)");
    Picture picture = new Picture(8, 4, new byte[3 * 8 * 4]);
    Picture seen = quarter.seen(List.of(picture)).get(0);
    assertThat(seen.width()).isEqualTo(4);
    assertThat(seen.height()).isEqualTo(2);
    assertThat(Condition.UNPRUNED.seen(List.of(picture))).containsExactly(picture);
    assertThat(Condition.parse(quarter.toString())).isEqualTo(quarter);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Condition.parse("downsample(keep=1.5)"))
        .withMessageContaining("1.5");
  }
}
