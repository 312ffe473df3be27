package dev.squint.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.eval.report.Charts.PlanPoint;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChartsTest {

  private static final PlanPoint CHEAP = new PlanPoint("cheap", 10, 50, 1);
  private static final PlanPoint BETTER = new PlanPoint("better", 20, 80, 1);
  private static final PlanPoint BEATEN = new PlanPoint("beaten", 30, 70, 1);
  private static final PlanPoint BEST = new PlanPoint("best", 40, 90, 1);
  private static final PlanPoint DEAR = new PlanPoint("as good but dearer", 50, 90, 1);

  @Test
  void front_isParetoOptimal() {
    assertThat(Charts.front(List.of(DEAR, BEST, BEATEN, BETTER, CHEAP)))
        .containsExactly(CHEAP, BETTER, BEST);
  }

  @Test
  void charts_areSvgWithTitle() {
    String svg = Charts.scatter("Title", "tokens", List.of(CHEAP, BETTER));
    assertThat(svg.substring(0, 200)).startsWith("<svg").contains("aria-label=\"Title\"");
    assertThat(svg.length()).isBetween(5_000, 500_000);
    String bars =
        Charts.bars("Bars", List.of("a", "b"), List.of("plan"), new double[][] {{10, 20}});
    assertThat(bars.substring(0, 200)).startsWith("<svg").contains("aria-label=\"Bars\"");
  }

  @Test
  void chartOfManyPlans_fitsItsLegend() {
    List<PlanPoint> many =
        IntStream.range(0, 24).mapToObj(i -> new PlanPoint("plan" + i, i, 50, 1)).toList();
    assertThat(Charts.scatter("Few", "tokens", List.of(CHEAP))).contains("height=\"420\"");
    assertThat(Charts.scatter("Many", "tokens", many)).contains("height=\"810\"");
  }

  @Test
  void longNames_areCutAndStayDistinct() {
    String plan = "layer2:sparsevlm(keep=0.5, recycle=true) + layer4:sparsevlm(keep=0.5)";
    assertThat(Charts.label("encoder:random(keep=0.5)", 3)).isEqualTo("encoder:random(keep=0.5)");
    assertThat(Charts.label(plan, 3)).startsWith("layer2:sparsevlm(keep=0.5, recycle=true)");
    assertThat(Charts.label(plan, 3)).hasSizeLessThanOrEqualTo(52).endsWith("… [4]");
    assertThat(Charts.label(plan, 3)).isNotEqualTo(Charts.label(plan, 4));
  }
}
