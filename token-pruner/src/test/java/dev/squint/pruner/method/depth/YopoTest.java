package dev.squint.pruner.method.depth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.plan.PruningPlan;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

public class YopoTest {

  public static void agreesWith(GoldenCase golden) {
    if (golden.has("headmask_stats")) {
      // How many heads the authors' masks leave; the masks themselves, and what they were made
      // from, are not in the file.
      golden.at("headmask_stats");
      return;
    }
    int[] grid = golden.integers("grid");
    List<int[]> allowed = golden.integerRows("allowed");
    List<int[]> actual = Yopo.neighbours(grid[0], grid[1], golden.integer("window"));
    assertThat(actual).hasSameSizeAs(allowed);
    for (int i = 0; i < allowed.size(); i++) {
      assertThat(actual.get(i)).as("query %d", i).containsExactly(allowed.get(i));
    }
  }

  @ParameterizedTest
  @CsvSource({"32, 20", "24, 15", "30, 19", "4, 3", "2, 1"})
  void allVisualTokensLeave_after20Of32Layers(int layers, int place) {
    PruningPlan plan = PruningPlan.parse("decoder:yopo");

    assertThat(plan.counted(layers, 9))
        .isEqualTo(plan.spread(layers))
        .hasToString("layer%d:uniform-grid(tokens=0)".formatted(place));
  }

  @Test
  void theHeadsThatLookAtThePictureMostStay() {
    Matrix share = Matrix.of(new float[] {0.9f, 0.2f}, new float[] {0.1f, 0.5f});

    assertThat(Yopo.activeHeads(share, 2)[0]).containsExactly(true, false);
    assertThat(Yopo.activeHeads(share, 2)[1]).containsExactly(false, true);
  }
}
