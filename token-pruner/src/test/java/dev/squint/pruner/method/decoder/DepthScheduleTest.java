package dev.squint.pruner.method.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.plan.PruningPlan;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class DepthScheduleTest {

  public static void agreesWith(GoldenCase golden) {
    if (golden.has("psigmoid")) {
      for (GoldenCase curve : golden.parts("psigmoid")) {
        curve.assertIntegers(
            "keep",
            DepthSchedule.sigmoid(
                    curve.integer("initial"),
                    curve.integer("layers"),
                    curve.number("a"),
                    curve.number("b"))
                .tokens());
      }
      return;
    }
    int[] least = golden.integers("oracle_min_tokens");
    AtomicInteger evaluations = new AtomicInteger();
    DepthSchedule schedule =
        DepthSchedule.search(
            golden.integer("initial"),
            least.length,
            tried -> {
              evaluations.incrementAndGet();
              return IntStream.range(0, least.length)
                  .allMatch(layer -> tried.tokens()[layer] >= least[layer]);
            });
    golden.assertIntegers("plan", schedule.tokens());
    golden.assertInteger("evaluations", evaluations.get());
  }

  @Test
  void printsAsAPlan() {
    assertThat(new DepthSchedule(new int[] {9, 9, 5, 5, 0}).plan("fastv"))
        .isEqualTo("layer2:fastv(tokens=5) + layer4:fastv(tokens=0)");
    assertThat(new DepthSchedule(new int[] {9, 9}).plan("fastv")).isEqualTo("none");
    String plan = new DepthSchedule(new int[] {144, 144, 126, 108}).plan("aim");
    assertThat(plan).isEqualTo("layer2:aim(tokens=126) + layer3:aim(tokens=108)");
    assertThat(PruningPlan.parse(plan)).hasToString(plan);
  }

  @Test
  void doesNotGrowWithDepth() {
    assertThatThrownBy(() -> new DepthSchedule(new int[] {3, 4}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("grow");
  }

  @Test
  void curvesUnderABudget_giveLayersThatShareOnAverage() {
    for (double steepness : new double[] {4, 8, 16}) {
      int[] tokens = DepthSchedule.sigmoidOf(1000, 24, steepness, 0.4).tokens();
      assertThat(tokens[0]).isEqualTo(1000);
      assertThat(Arrays.stream(tokens).average().orElseThrow()).isBetween(395.0, 400.0);
      assertThat(tokens[23]).isLessThan(tokens[1]);
    }
  }
}
