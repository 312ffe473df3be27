package dev.squint.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BudgetCurvesTest {

  @Test
  void plansWithOtherBudgets_areOneCurve() {
    DataSetReport one =
        set(
            "one",
            plan("none", 100, 1),
            plan("encoder:b(keep=0.5)", 50, 0.8),
            plan("encoder:a(keep=0.25)", 25, 0.5),
            plan("encoder:a(keep=0.5)", 50, 0.75),
            plan("tiles:plain", 70, 0.9));
    DataSetReport other =
        set(
            "other",
            plan("none", 200, 0.75),
            plan("encoder:b(keep=0.5)", 100, 0.7),
            plan("encoder:a(keep=0.25)", 100, 0.25),
            plan("encoder:a(keep=0.5)", 100, 0.75),
            plan("tiles:plain", 70, 0.7));
    Summary summary = new Summary("model", List.of(one, other));
    List<BudgetCurves.Curve> curves = BudgetCurves.of(summary);
    assertThat(curves.stream().map(BudgetCurves.Curve::method)).containsExactly("encoder:a");
    List<BudgetCurves.Place> places = curves.get(0).places();
    // Shares 25 % and 50 %, accuracies 50 % and 25 %.
    assertThat(places.get(0)).isEqualTo(new BudgetCurves.Place(37.5, 37.5));
    assertThat(places.get(1)).isEqualTo(new BudgetCurves.Place(50, 75));
    assertThat(BudgetCurves.unpruned(summary)).isEqualTo(87.5);
  }

  @Test
  void betterMethods_comeFirst() {
    DataSetReport set =
        set(
            "one",
            plan("none", 100, 0.9),
            plan("encoder:a(keep=0.5)", 50, 0.6),
            plan("encoder:a(keep=0.25)", 25, 0.5),
            plan("encoder:b(keep=0.5)", 50, 0.8),
            plan("encoder:b(keep=0.25)", 25, 0.7));
    assertThat(
            BudgetCurves.of(new Summary("model", List.of(set))).stream()
                .map(BudgetCurves.Curve::method))
        .containsExactly("encoder:b", "encoder:a");
  }

  @Test
  void budgetsAreLeftOutOfTheName_settingsStay() {
    assertThat(BudgetCurves.method("encoder:random(keep=0.5)")).isEqualTo("encoder:random");
    assertThat(BudgetCurves.method("encoder:mustdrop-vision(keep=0.5..0.5)"))
        .isEqualTo("encoder:mustdrop-vision");
    assertThat(BudgetCurves.method("encoder:prumerge(keep=0.5, plus=true)"))
        .isEqualTo("encoder:prumerge(plus=true)");
    assertThat(BudgetCurves.method("encoder:cdpruner(relevance=head, keep=0.125)"))
        .isEqualTo("encoder:cdpruner(relevance=head)");
    assertThat(BudgetCurves.method("patches:glance(first=0.125, guide=words, keep=0.25)"))
        .isEqualTo("patches:glance(guide=words)");
    assertThat(BudgetCurves.method("patches:plain + encoder:random(tokens=36)"))
        .isEqualTo("patches:plain + encoder:random");
    assertThat(BudgetCurves.method("tiles:skip-plain")).isEqualTo("tiles:skip-plain");
  }

  @Test
  void chart_namesItsMethods() {
    BudgetCurves.Curve curve =
        new BudgetCurves.Curve(
            "encoder:a", List.of(new BudgetCurves.Place(25, 50), new BudgetCurves.Place(50, 60)));
    String svg = Charts.curves("Title", List.of(curve), 90);
    assertThat(svg.substring(0, 200)).startsWith("<svg").contains("aria-label=\"Title\"");
  }

  @Test
  void runWithoutUnprunedAnswers_isRefused() {
    Summary summary =
        new Summary("model", List.of(set("one", plan("encoder:a(keep=0.5)", 50, 0.6))));
    assertThatThrownBy(() -> BudgetCurves.of(summary))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the run has no plan 'none' for one");
  }

  private static DataSetReport set(String name, Figures... plans) {
    return new DataSetReport(name, 10, 10, Arrays.asList(plans));
  }

  private static Figures plan(String plan, double tokens, double accuracy) {
    return SampleFigures.of(plan, accuracy, tokens);
  }
}
