package dev.squint.pruner.method.patches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import dev.squint.pruner.Budget;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.Tile.Crop;
import dev.squint.pruner.TokenReduction;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ViewOverlayTest {

  private static PatchTokens views(Tile... tiles) {
    int n = List.of(tiles).stream().mapToInt(Tile::tokens).sum();
    return PatchTokens.encoded(
        List.of(tiles), new Matrix(n, 1, new float[n]), EvidenceSet.nothing());
  }

  private static PatchGroups groups(Tile... tiles) {
    int n = List.of(tiles).stream().mapToInt(Tile::tokens).sum();
    return PatchGroups.of(List.of(tiles), new Matrix(n, 3, new float[3 * n]));
  }

  @Test
  void tokensThatAreGone_haveTheLeastValueOfTheirView() {
    Tile view = Tile.global(0, 2, 3);
    PatchTokens left = views(view).reduced(TokenReduction.keep(6, new int[] {1, 3, 5}));

    float[] map = new ViewOverlay(groups(view), left).map(0, new float[] {7, 4, 9});

    assertThat(map).containsExactly(4, 7, 4, 4, 4, 9);
  }

  @Test
  void aViewWithoutTokens_isZero() {
    Tile view = Tile.global(0, 1, 2);
    PatchTokens left =
        views(view, Tile.global(1, 1, 1)).reduced(TokenReduction.keep(3, new int[] {2}));

    assertThat(new ViewOverlay(groups(view), left).map(0, new float[] {5})).containsExactly(0, 0);
  }

  @Test
  void aPictureWithoutGlobalView_isRefused() {
    PatchTokens other = views(Tile.global(1, 1, 2));
    ViewOverlay overlay = new ViewOverlay(groups(Tile.global(0, 1, 2)), other);

    assertThatThrownBy(() -> overlay.map(0, new float[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("picture 0 has no global view, which this method requires");
  }

  /**
   * The two crops show two and three columns of one grid of 1 x 5; output i of 5 from 2 values is
   * sampled at 0.4 i - 0.3: 0 (cut), 0.1, 0.5, 0.9 and 1.3, of which there is nothing after 1.
   */
  @Test
  void cropsAreInterpolatedOnTheirJointGrid() {
    Tile left = new Tile(0, 1, 3, new Crop(0, 0, 1, 2), new Tile.Area(0, 1, 1, 3));
    Tile right = Tile.crop(0, 1, 3, new Crop(0, 1, 1, 2));
    Tile view = Tile.global(0, 1, 2);
    ViewOverlay overlay = new ViewOverlay(groups(left, right, view), views(view));

    float[] over = overlay.over(new float[] {0, 10});

    assertThat(over[0]).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(Arrays.copyOfRange(over, 1, 8))
        .containsExactly(new float[] {0, 1, 5, 9, 10, 0, 10}, offset(1e-5f));
    assertThat(overlay.overlaid()).isEqualTo(6);
  }

  /**
   * Two pictures with views of 2 groups, one with a crop of 2 and one with a crop of 6. Of 8 groups
   * 4 are those of the views, and the crops get 1 and 3 of the rest.
   */
  @Test
  void picturesShareByTheirGroups() {
    Tile one = Tile.global(0, 1, 2);
    Tile two = Tile.global(1, 1, 2);
    PatchGroups groups =
        groups(
            one,
            Tile.crop(0, 1, 2, new Crop(0, 0, 1, 1)),
            two,
            Tile.crop(1, 1, 6, new Crop(0, 0, 1, 1)));
    ViewOverlay overlay = new ViewOverlay(groups, views(one, two));
    float[] scores = {0, 0, 1, 2, 0, 0, 6, 1, 5, 2, 4, 3};

    assertThat(overlay.keep(Budget.count(8), scores, tile -> 1).kept())
        .containsExactly(0, 1, 3, 4, 5, 6, 8, 10);
    assertThat(overlay.keepJointly(Budget.count(8), scores).kept())
        .containsExactly(0, 1, 3, 4, 5, 6, 8, 10);
    assertThat(overlay.keep(Budget.count(2), scores, tile -> 1).kept()).containsExactly(0, 4);
    assertThat(overlay.keep(Budget.count(12), scores, tile -> 1).kept()).hasSize(12);
  }

  /**
   * The crops of 4 and 2 groups have weights 1 and 3, so that of 4 groups they would get 1 and 3.
   */
  @Test
  void aCropGetsNoMoreThanItHas() {
    Tile view = Tile.global(0, 1, 1);
    PatchGroups groups =
        groups(
            Tile.crop(0, 1, 4, new Crop(0, 0, 1, 2)),
            Tile.crop(0, 1, 2, new Crop(0, 1, 1, 2)),
            view);
    ViewOverlay overlay = new ViewOverlay(groups, views(view));

    int[] kept =
        overlay
            .keep(Budget.count(5), new float[] {1, 4, 2, 3, 0, 0, 0}, tile -> tile == 0 ? 1 : 3)
            .kept();

    assertThat(kept).containsExactly(1, 3, 4, 5, 6);
  }
}
