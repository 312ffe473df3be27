package dev.squint.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RandomComparisonTest {

  private static String text(Figures... measured) {
    return new RandomComparison(
            new Summary("a-model", List.of(new DataSetReport("set", 2, 2, List.of(measured)))))
        .text();
  }

  @Test
  void plansBelowRandom_areNamed() {
    String text =
        text(
            SampleFigures.of("none", 0.9),
            SampleFigures.of("encoder:random(keep=0.25)", 0.7),
            SampleFigures.of("tiles:random(keep=0.25)", 0.5),
            SampleFigures.of("encoder:divprune(keep=0.25)", 0.75),
            SampleFigures.of("encoder1:tome(keep=0.25)", 0.6),
            SampleFigures.of("encoder1:mustdrop-vision(keep=0.25..0.25)", 0.65),
            SampleFigures.of("tiles:thumbnail(keep=0.25)", 0.6));

    assertThat(text)
        .contains("`encoder:divprune(keep=0.25)`")
        .endsWith(
            "below random on the mean over the data sets: `encoder1:tome(keep=0.25)` (-10.0), `encoder1:mustdrop-vision(keep=0.25..0.25)` (-5.0).\n");
    assertThat(text.lines().filter(line -> line.startsWith("| `tiles:thumbnail")).findFirst())
        .hasValueSatisfying(line -> assertThat(line).contains("+10.0"));
    assertThat(text).doesNotContain("| `none`").doesNotContain("| `encoder:random");
  }

  @Test
  void runWithoutRandomBaseline_hasNoTable() {
    assertThat(
            text(
                SampleFigures.of("none", 0.9),
                SampleFigures.of("encoder:divprune(keep=0.25)", 0.75)))
        .isEmpty();
    assertThat(
            text(
                SampleFigures.of("encoder:random(keep=0.25)", 0.7),
                SampleFigures.of("encoder:divprune(keep=0.25)", 0.7)))
        .endsWith("No plan is below random on the mean over the data sets.\n");
  }
}
