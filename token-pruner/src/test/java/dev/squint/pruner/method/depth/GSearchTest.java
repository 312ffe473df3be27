package dev.squint.pruner.method.depth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.Step;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GSearchTest {

  @ParameterizedTest
  @CsvSource({
    "4, 35, 0.5, 8",
    "4, 35, 0.25, 4",
    "24, 2880, 0.05, 4",
    "24, 2880, 0.9, 16",
    "32, 1, 0.5, 8",
    "30, 64, 0.034, 16",
    "28, 1088, 1, 4",
    "12, 7, 0.3, 1000",
    "6, 100, 0.4, 0.5"
  })
  void theLayersHaveTheBudgetOnAverage_toWithinOneToken(
      int layers, int tokens, double budget, double steepness) {
    PruningPlan plan =
        PruningPlan.parse("decoder:g-search(budget=%s, steepness=%s)".formatted(budget, steepness));

    int[] counts = counts(plan.counted(layers, tokens), layers, tokens);

    double sum = 0;
    for (int layer = 0; layer < layers; layer++) {
      sum += counts[layer];
    }
    assertThat(counts[0]).isEqualTo(tokens);
    assertThat(sum / layers)
        .isGreaterThan(budget * tokens - 1)
        .isLessThanOrEqualTo(budget * tokens);
    assertThat(new HashSet<>(plan.spread(layers).points()))
        .containsAll(plan.counted(layers, tokens).points())
        .hasSize(layers - 1);
  }

  private static int[] counts(PruningPlan plan, int layers, int tokens) {
    int[] counts = new int[layers];
    int left = tokens;
    for (int layer = 0; layer < layers; layer++) {
      List<Step<?>> here = layer == 0 ? List.of() : plan.at(Point.decoder(layer));
      left = here.isEmpty() ? left : ((Budget.Count) here.get(0).budget()).tokens();
      counts[layer] = left;
    }
    return counts;
  }

  @Test
  void aBudgetBelowTheFirstLayer_isRefusedWithTheSmallest() {
    PruningPlan plan = PruningPlan.parse("decoder:g-search(budget=0.03)");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.spread(24))
        .withMessageContaining("first of 24 layers")
        .withMessageContaining("smallest budget is 0.0417, not 0.03");
    PruningPlan.parse("decoder:g-search(budget=0.0417)").spread(24);
  }

  @Test
  void aFileIsTheWholeSchedule() {
    assertThat(PruningPlan.parse("decoder:g-search(file=of/tiny.json)"))
        .hasToString("decoder:g-search(file=of/tiny.json)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse("decoder:g-search(file=tiny.json, budget=0.5)"))
        .withMessageContaining("not both");
  }

  @Test
  void aScheduleDecidesForAllLayers() {
    for (String other : List.of("layer2:fastv(keep=0.5)", "decoder:p-mod")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PruningPlan.parse("decoder:g-search + " + other))
          .withMessageContaining("remove '" + other + "'");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse("decoder:g-search + decoder:yopo"))
        .withMessageContaining("one schedule");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PruningPlan.parse("decoder:g-search(keep=0.5)"))
        .withMessageContaining("it has [budget, steepness, file]");
    String together =
        "encoder:random(keep=0.5) + decoder:g-search(budget=0.7) + decoder:skipdecode + cache:h2o(keep=0.5)";
    assertThat(PruningPlan.parse(together)).hasToString(together);
  }
}
