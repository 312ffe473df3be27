package dev.squint.pruner.method.depth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.plan.PruningPlan;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

public class YopoTest {

  public static void agreesWith(GoldenCase golden) {
    if (golden.has("headmask_stats")) {
      // How many heads the authors' masks leave; the masks themselves, and what they were made
      // from, are not in the file.
      golden.outside("headmask_stats");
      return;
    }
    int[] grid = golden.integers("grid");
    List<int[]> allowed = golden.integerRows("allowed");
    Yopo yopo = new Yopo(0.625, golden.integer("window"));
    assertThat(allowed).hasSize(grid[0] * grid[1]);
    for (int i = 0; i < allowed.size(); i++) {
      TokenPosition query = at(grid, i);
      int[] seen =
          IntStream.range(0, allowed.size()).filter(j -> yopo.sees(query, at(grid, j))).toArray();
      assertThat(seen).as("query %d", i).containsExactly(allowed.get(i));
    }
  }

  private static TokenPosition at(int[] grid, int token) {
    return new TokenPosition(0, 0, token / grid[1], token % grid[1]);
  }

  @Test
  void neighboursAreOfTheSameTile() {
    TokenPosition query = new TokenPosition(0, 1, 2, 2);

    assertThat(new Yopo(0.5, 5).sees(query, new TokenPosition(0, 1, 4, 0))).isTrue();
    assertThat(new Yopo(0.5, 4).sees(query, new TokenPosition(0, 1, 4, 0))).isFalse();
    assertThat(new Yopo(0.5, 5).sees(query, new TokenPosition(0, 0, 2, 2))).isFalse();
    assertThat(new Yopo(0.5, 1).sees(query, query)).isTrue();
    assertThat(new Yopo(0.5, 0).seesNeighboursOnly()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"32, 20", "24, 15", "30, 19", "4, 3", "2, 1"})
  void allVisualTokensLeave_after20Of32Layers(int layers, int place) {
    PruningPlan plan = PruningPlan.parse("decoder:yopo");

    assertThat(plan.counted(layers, 9))
        .isEqualTo(plan.spread(layers))
        .hasToString("layer%d:uniform-grid(tokens=0)".formatted(place));
  }
}
