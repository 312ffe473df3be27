package dev.squint.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.eval.metric.Interval;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BesideRandomTest {

  private static Figures figures(String plan, double accuracy) {
    return new Figures(
        plan,
        new Interval(accuracy, accuracy, accuracy),
        new TreeMap<>(),
        new TreeMap<>(),
        0,
        null,
        null,
        null,
        null,
        null,
        1,
        new Figures.Tokens(144, 36, 36, 36),
        0,
        0,
        0,
        new TreeMap<>(),
        null);
  }

  private static String text(Figures... measured) {
    return new BesideRandom(
            new Summary("a-model", List.of(new DataSetReport("set", 2, 2, List.of(measured)))))
        .text();
  }

  @Test
  void plansThatLose_areNamed() {
    String text =
        text(
            figures("none", 0.9),
            figures("encoder:random(keep=0.25)", 0.7),
            figures("tiles:random(keep=0.25)", 0.5),
            figures("encoder:divprune(keep=0.25)", 0.75),
            figures("encoder1:tome(keep=0.25)", 0.6),
            figures("encoder1:mustdrop-vision(keep=0.25..0.25)", 0.65),
            figures("tiles:thumbnail(keep=0.25)", 0.6));

    assertThat(text)
        .contains("`encoder:divprune(keep=0.25)`")
        .endsWith(
            "lose to random on the mean of the data sets: `encoder1:tome(keep=0.25)` (-10.0), `encoder1:mustdrop-vision(keep=0.25..0.25)` (-5.0).\n");
    assertThat(text.lines().filter(line -> line.startsWith("| `tiles:thumbnail")).findFirst())
        .hasValueSatisfying(line -> assertThat(line).contains("+10.0"));
    assertThat(text).doesNotContain("| `none`").doesNotContain("| `encoder:random");
  }

  @Test
  void runsWithoutARandomChoice_haveNoSuchTable() {
    assertThat(text(figures("none", 0.9), figures("encoder:divprune(keep=0.25)", 0.75))).isEmpty();
    assertThat(
            text(
                figures("encoder:random(keep=0.25)", 0.7),
                figures("encoder:divprune(keep=0.25)", 0.7)))
        .endsWith("No plan loses to random on the mean of the data sets.\n");
  }
}
