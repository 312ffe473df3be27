package dev.squint.pruner.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DeepStackTest {
  private static final Map<String, DeepStack.Sampling> SAMPLINGS =
      Map.of(
          "2d",
          DeepStack.Sampling.TWO_D,
          "1d",
          DeepStack.Sampling.ONE_D,
          "grid",
          DeepStack.Sampling.GRID);

  static void agreesWith(GoldenCase golden) {
    int side = golden.integer("params.side");
    int[] grid = golden.integers("params.bestgrid_(w,h)");
    DeepStack.Sampling sampling =
        Objects.requireNonNull(SAMPLINGS.get(golden.text("params.deepstack_sampling")));

    int[][] groups =
        DeepStack.groups(sampling, side, grid[1], grid[0], golden.integer("params.num_crops"));

    List<List<int[]>> expected =
        golden.integerTables(
            "outputs.stack_groups_[group][position]=[crop,token_in_crop]_crop_-1=zero_pad");
    assertThat(groups).hasDimensions(expected.size(), side * side);
    for (int g = 0; g < groups.length; g++) {
      int[] tokens =
          expected.get(g).stream()
              .mapToInt(place -> place[0] < 0 ? -1 : place[0] * side * side + place[1])
              .toArray();
      assertThat(groups[g]).as("group %d", g).containsExactly(tokens);
    }
  }

  @Test
  void everyTokenIsDealtOnce_andWhatIsTooManyStaysEmpty() {
    int[][] groups = DeepStack.groups(DeepStack.Sampling.TWO_D, 2, 2, 2, 5);

    assertThat(groups[0]).containsExactly(0, 4, 8, 12);
    assertThat(groups[4]).containsOnly(-1);
    assertThat(Arrays.stream(groups).limit(4).flatMapToInt(IntStream::of).distinct().count())
        .isEqualTo(16);
  }

  @Test
  void refusesFewerGroupsThanCrops() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeepStack.groups(DeepStack.Sampling.GRID, 2, 2, 2, 3))
        .withMessage("3 groups cannot hold the tokens of 2 x 2 crops");
  }
}
