package dev.squint.pruner.method.patches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.Tile;
import dev.squint.pruner.evidence.GroupPixels;
import dev.squint.pruner.method.GoldenCase;
import dev.squint.pruner.method.baseline.UniformGrid;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Methods that choose groups of patches by their pixels. */
public class PixelMethodsTest {
  private static final Budget ITSELF = Budget.adaptive();

  /** Pixels from 0 to 1, so that a share of their range is a difference. */
  public static void agreesWith(GoldenCase golden) {
    Matrix pixels = golden.matrix("inputs.pixels_[N,V]");
    Tile tile = Tile.global(0, golden.integer("params.rows"), golden.integer("params.cols"));
    PatchGroups groups =
        PatchGroups.of(List.of(tile), new Matrix(pixels.rows(), 3, new float[3 * pixels.rows()]))
            .with(new GroupPixels(), pixels);

    golden.assertIntegers(
        "outputs.kept",
        new PixelPrune(golden.number("params.threshold")).reduce(groups, ITSELF).kept());
  }

  /** Groups of one value each, all pixels and colours alike; -1 for a group of two values. */
  private static PatchGroups groups(List<Tile> tiles, double... values) {
    float[][] pixels = new float[values.length][6];
    float[][] means = new float[values.length][3];
    for (int i = 0; i < values.length; i++) {
      Arrays.fill(pixels[i], (float) Math.max(0, values[i]));
      if (values[i] < 0) {
        pixels[i] = new float[] {0, 1, 0, 1, 0, 1};
      }
      for (int colour = 0; colour < 3; colour++) {
        means[i][colour] = (pixels[i][2 * colour] + pixels[i][2 * colour + 1]) / 2;
      }
    }
    return PatchGroups.of(tiles, Matrix.of(means)).with(new GroupPixels(), Matrix.of(pixels));
  }

  @Test
  void pixelprune_leavesOutWhatALeftOrUpperNeighbourPredicts() {
    PatchGroups groups = groups(List.of(Tile.global(0, 3, 4)), 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 0);

    // The first; a change to the right; a change to the right whose corner differs from above; the
    // first of a new row; the last.
    assertThat(new PixelPrune(0).reduce(groups, ITSELF).kept()).containsExactly(0, 3, 6, 8, 11);
  }

  /** The last group of two rows of two; the one before it starts a row below the first. */
  @Test
  void pixelprune_readsAnUprightEdgeFromAbove_andAllElseFromTheLeft() {
    List<Tile> tile = List.of(Tile.global(0, 2, 2));

    // An upright edge: the last is like the one above.
    assertThat(new PixelPrune(0).reduce(groups(tile, 0, 1, 0, 1), ITSELF).kept())
        .containsExactly(0, 1);
    assertThat(new PixelPrune(0).reduce(groups(tile, 0, 1, 0, 0), ITSELF).kept())
        .containsExactly(0, 1, 3);
    // A level edge, and three that differ: the last is like the left one.
    assertThat(new PixelPrune(0).reduce(groups(tile, 0, 0, 1, 1), ITSELF).kept())
        .containsExactly(0, 2);
    assertThat(new PixelPrune(0).reduce(groups(tile, 0, 0.5, 1, 0.5), ITSELF).kept())
        .containsExactly(0, 1, 2, 3);
  }

  /** Values go to 2, so that a threshold of 0.25 is a difference of 0.5. */
  @Test
  void pixelprune_findsEdgesWithinTheThreshold() {
    List<Tile> tile = List.of(Tile.global(0, 2, 3));
    PatchGroups groups = groups(tile, 1.5, 0, 2, 0.5, 0.5, 2);

    // The last: its left neighbour differs from the corner by the threshold alone, so an upright
    // edge lies there.
    assertThat(new PixelPrune(0.25).reduce(groups, ITSELF).kept()).containsExactly(0, 1, 2, 3);
    assertThat(new PixelPrune(0.2).reduce(groups, ITSELF).kept()).containsExactly(0, 1, 2, 3, 5);
  }

  /** Groups differ in their last value alone. */
  @Test
  void pixelprune_comparesAllValuesOfAGroup() {
    float[][] pixels = new float[4][6];
    pixels[1][5] = 1;
    pixels[3][5] = 1;
    PatchGroups groups =
        PatchGroups.of(List.of(Tile.global(0, 2, 2)), new Matrix(4, 3, new float[12]))
            .with(new GroupPixels(), Matrix.of(pixels));

    assertThat(new PixelPrune(0).reduce(groups, ITSELF).kept()).containsExactly(0, 1);
  }

  @Test
  void pixelprune_comparesWithWhatStandsForANeighbour_soThatErrorsDoNotAddUp() {
    PatchGroups slope = groups(List.of(Tile.global(0, 1, 6)), 0, 0.2, 0.4, 0.6, 0.8, 1);

    assertThat(new PixelPrune(0.25).reduce(slope, ITSELF).kept()).containsExactly(0, 2, 4);
    assertThat(new PixelPrune(0).reduce(slope, ITSELF).kept()).hasSize(6);
  }

  @Test
  void pixelprune_withABudget_keepsTheLargestErrors() {
    PatchGroups groups = groups(List.of(Tile.global(0, 1, 5)), 0, 0.1, 1, 0.5, 0.5);

    assertThat(new PixelPrune(0).reduce(groups, Budget.count(3)).kept()).containsExactly(0, 2, 3);
  }

  @Test
  void aShareOfTheBudget_isEvenlySpaced_andTheRestIsByScore() {
    List<Tile> tile = List.of(Tile.global(0, 1, 8));
    PatchGroups groups = groups(tile, 0, 0, 0, 0, 0, 0.2, 1, 0);

    // The cells of two evenly spaced groups have their centres between 1 and 2, and 5 and 6.
    assertThat(new UniformGrid().reduce(groups, Budget.count(2)).kept()).containsExactly(1, 5);
    assertThat(new PixelPrune(0, 0.5).reduce(groups, Budget.count(4)).kept())
        .containsExactly(0, 1, 5, 7);
    assertThat(new PixelPrune(0, 0.3).reduce(groups, Budget.count(3)).kept())
        .isEqualTo(new PixelPrune(0).reduce(groups, Budget.count(3)).kept());
    assertThat(new PixelPrune(0, 1).reduce(groups, Budget.count(2)).kept()).containsExactly(1, 5);
    assertThat(new PlainPatches(0, 0.7).reduce(groups, Budget.count(3)).kept())
        .containsExactly(0, 1, 5);
    assertThatThrownBy(() -> new PixelPrune(0, 1.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("spread must be in [0, 1] but was 1.5");
    assertThatThrownBy(() -> new PlainPatches(0, -0.1)).hasMessageContaining("was -0.1");
  }

  @Test
  void eachTileIsPredictedByItself() {
    List<Tile> two = List.of(Tile.global(0, 1, 2), Tile.global(1, 1, 2));

    assertThat(new PixelPrune(0).reduce(groups(two, 0, 0, 0, 0), ITSELF).kept())
        .containsExactly(0, 2);
  }

  @Test
  void plain_keepsGroupsOfSeveralColours_andOneIfThereIsNone() {
    List<Tile> tile = List.of(Tile.global(0, 2, 2));

    assertThat(new PlainPatches(0.03).reduce(groups(tile, 0, -1, 1, -1), ITSELF).kept())
        .containsExactly(1, 3);
    assertThat(new PlainPatches(0.03).reduce(groups(tile, 0, 0, 1, 1), ITSELF).kept())
        .containsExactly(0);
  }

  @Test
  void duplicates_areLeftOutAcrossTilesAndFrames() {
    List<Tile> two = List.of(Tile.global(0, 1, 3), Tile.global(1, 1, 3));
    PatchGroups groups = groups(two, 0, 1, 0, 1, 0.5, -1);

    assertThat(new Duplicates(0).reduce(groups, ITSELF).kept()).containsExactly(0, 1, 4, 5);
    assertThat(new Duplicates(0.5).reduce(groups, ITSELF).kept()).containsExactly(0, 1);
  }

  @Test
  void staticGroups_areEncodedOnce_andSlowChangesAddUp() {
    List<Tile> frames = List.of(Tile.global(0, 1, 2), Tile.global(1, 1, 2), Tile.global(2, 1, 2));
    PatchGroups groups = groups(frames, 0, 1, 0.06, 1, 0.12, 0);

    // Of the last frame the slow group has moved by 0.12 since it was encoded.
    assertThat(new StaticGroups(0.1).reduce(groups, ITSELF).kept()).containsExactly(0, 1, 4, 5);
    assertThat(new StaticGroups(0.1).reduce(groups, Budget.count(3)).kept())
        .containsExactly(0, 1, 5);
  }

  /** One group a row of pixels, two values for each of three colours. */
  private static PatchGroups coloured(float[]... pixels) {
    float[][] means = new float[pixels.length][3];
    for (int i = 0; i < pixels.length; i++) {
      for (int colour = 0; colour < 3; colour++) {
        means[i][colour] = (pixels[i][2 * colour] + pixels[i][2 * colour + 1]) / 2;
      }
    }
    return PatchGroups.of(List.of(Tile.global(0, 1, pixels.length)), Matrix.of(means))
        .with(new GroupPixels(), Matrix.of(pixels));
  }

  @Test
  void plain_looksAtEachColourByItself() {
    PatchGroups groups =
        coloured(
            new float[] {0, 0, 0.5f, 0.5f, 1, 1},
            new float[] {0, 0, 0, 0, 0, 0.75f},
            new float[] {0.75f, 0.25f, 0, 0, 0, 0},
            new float[] {0, 0, 0, 0.5f, 0, 0});

    // Ranges 0, 0.75, 0.5 and 0.5 of 1 in all; a range as large as the tolerance is plain.
    assertThat(new PlainPatches(0.5).reduce(groups, ITSELF).kept()).containsExactly(1);
    assertThat(new PlainPatches(0.25).reduce(groups, ITSELF).kept()).containsExactly(1, 2, 3);
    assertThat(new PlainPatches(0.25).reduce(groups, Budget.count(2)).kept()).containsExactly(1, 2);
  }

  @Test
  void duplicates_mayDifferByTheToleranceInTheMean() {
    PatchGroups groups =
        coloured(
            new float[] {0, 0, 0, 0, 0, 0},
            new float[] {0, 1, 0, 0, 0, 0.5f},
            new float[] {0, 1, 0, 0, 0, 1},
            new float[] {1, 0, 0, 0, 0, 1});

    // From the first: 0.25, 1/3 and 1/3 in the mean. The third from the second: 1/12; the last from
    // the third: 1/3.
    assertThat(new Duplicates(0.25).reduce(groups, ITSELF).kept()).containsExactly(0, 2, 3);
    assertThat(new Duplicates(0.375).reduce(groups, ITSELF).kept()).containsExactly(0);
    assertThat(new Duplicates(0.125).reduce(groups, ITSELF).kept()).containsExactly(0, 1, 3);
    assertThat(new Duplicates(0.0625).reduce(groups, ITSELF).kept()).containsExactly(0, 1, 2, 3);
    // 4 groups against 3 kept ones, each only against earlier ones: 4 x 3 - 3 x 4 / 2 pairs of 3 +
    // 2 x 6.
    assertThat(
            new Duplicates(0.25)
                .operations(groups, ITSELF, new Duplicates(0.25).reduce(groups, ITSELF)))
        .isEqualTo(6 * 15);
  }

  @Test
  void staticGroups_mayChangeByTheTolerance() {
    List<Tile> frames = List.of(Tile.global(0, 1, 2), Tile.global(1, 1, 2));
    PatchGroups groups = groups(frames, 0, 0, 0.5, 1);

    assertThat(new StaticGroups(0.5).reduce(groups, ITSELF).kept()).containsExactly(0, 1, 3);
    assertThat(new StaticGroups(0.25).reduce(groups, ITSELF).kept()).containsExactly(0, 1, 2, 3);
  }

  /** The values go from 1 to 3, so a tolerance of 0.25 is 0.5. */
  @Test
  void toleranceIsAShareOfTheRangeOfAllValues() {
    List<Tile> frames =
        List.of(
            Tile.global(0, 1, 1), Tile.global(1, 1, 1), Tile.global(2, 1, 1), Tile.global(3, 1, 1));
    PatchGroups even = groups(frames, 1, 1.5, 3, 2.25);
    PatchGroups varied =
        coloured(
            new float[] {1, 1, 1, 1, 1, 1},
            new float[] {1, 1.5f, 1, 1, 1, 1},
            new float[] {1, 3, 1, 1, 1, 1},
            new float[] {1, 1.75f, 1, 1, 1, 1});

    assertThat(new Duplicates(0.25).reduce(even, ITSELF).kept()).containsExactly(0, 2, 3);
    assertThat(new StaticGroups(0.25).reduce(even, ITSELF).kept()).containsExactly(0, 2, 3);
    assertThat(new PlainPatches(0.25).reduce(varied, ITSELF).kept()).containsExactly(2, 3);
  }
}
