package dev.squint.pruner.method.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.evidence.DeepFeatures;
import dev.squint.pruner.method.GoldenCase;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class DeepStackTest {
  private static final Map<String, DeepStack.Sampling> SAMPLINGS =
      Map.of(
          "2d",
          DeepStack.Sampling.TWO_D,
          "1d",
          DeepStack.Sampling.ONE_D,
          "grid",
          DeepStack.Sampling.GRID);

  public static void agreesWith(GoldenCase golden) {
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
        .withMessage("3 groups cannot hold the tokens of 2 x 2 crops; write groups=4");
  }

  /** A global view of 2 x 2 tokens over 1 x 2 crops of 2 x 2: mosaic of 2 rows and 4 columns. */
  @Test
  void addsTheTokensOfTheCropsToTheGlobalViewInOrder() {
    List<Tile> tiles =
        List.of(
            Tile.crop(0, 2, 2, new Tile.Crop(0, 0, 1, 2)),
            Tile.crop(0, 2, 2, new Tile.Crop(0, 1, 1, 2)),
            Tile.global(0, 2, 2),
            Tile.global(1, 2, 2));
    float[] features = new float[16];
    for (int i = 0; i < features.length; i++) {
      features[i] = i + 1;
    }
    PatchTokens tokens =
        PatchTokens.encoded(tiles, new Matrix(16, 1, features), EvidenceSet.nothing());
    DeepStack method = new DeepStack(DeepStack.Sampling.TWO_D, 3, 1, 2);

    PatchTokens deep = method.withAdditions(tokens);
    PatchTokens kept = deep.reduced(method.reduce(deep, Budget.adaptive()));

    assertThat(method.places()).containsExactly(1, 3, 5);
    assertThat(kept.features().data()).containsExactly(9, 10, 11, 12, 13, 14, 15, 16);
    // Mosaic: 1 2 5 6 / 3 4 7 8. Even columns first, then odd ones; no third crop; no crops.
    assertThat(kept.evidence(new DeepFeatures(0)).data()).containsExactly(1, 5, 3, 7, 0, 0, 0, 0);
    assertThat(kept.evidence(new DeepFeatures(2)).data()).containsExactly(2, 6, 4, 8, 0, 0, 0, 0);
    assertThat(kept.evidence(new DeepFeatures(4)).data()).containsOnly(0);
  }
}
