package dev.squint.vision.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.evidence.GroupPixels;
import dev.squint.pruner.method.patches.PlainPatches;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Region;
import dev.squint.vision.tile.TilePlacement;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pixels of groups of patches. */
class GroupSelectionTest {
  private static final TokenGrid TWO_GROUPS = new TokenGrid(1, 2);

  /** One tile of 2 x 1 pixels, each of which is a group; plane by plane. */
  private static TiledImage tile(int frames, float... values) {
    FloatBuffer pixels = DirectBuffers.floats(values.length);
    pixels.put(values).flip();
    Dimensions size = new Dimensions(2, 1);
    return new TiledImage(
        size, size, List.of(new TilePlacement(null, new Region(0, 0, 2, 1))), null, frames, pixels);
  }

  private static PatchGroups groups(List<TiledImage> pictures) {
    return GroupSelection.groups(pictures, picture -> TWO_GROUPS);
  }

  @Test
  void eachColour_hasItsFramesOneAfterTheOther() {
    List<TiledImage> clip = List.of(tile(2, 1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60));

    Matrix pixels = GroupSelection.pixels(clip, groups(clip));

    assertThat(pixels.row(0)).containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(pixels.row(1)).containsExactly(10, 40, 20, 50, 30, 60);
  }

  @Test
  void aStillPicture_besideAClip_isRepeated() {
    List<TiledImage> both =
        List.of(tile(1, 7, 70, 8, 80, 9, 90), tile(2, 1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60));

    Matrix pixels = GroupSelection.pixels(both, groups(both));

    assertThat(pixels.row(0)).containsExactly(7, 7, 8, 8, 9, 9);
    assertThat(pixels.row(2)).containsExactly(1, 4, 2, 5, 3, 6);
  }

  @Test
  void plainGroups_areFoundInClipsAndBesideThem() {
    // Both groups of the still picture are plain; the second group of the clip changes.
    List<TiledImage> both =
        List.of(tile(1, 1, 1, -1, -1, 0, 0), tile(2, 1, 1, -1, -1, 0, 0, 1, 0.5f, -1, -1, 0, 0));
    PatchGroups groups = groups(both);
    PatchGroups shown = groups.with(new GroupPixels(), GroupSelection.pixels(both, groups));

    assertThat(new PlainPatches(0.03).reduce(shown, Budget.adaptive()).kept()).containsExactly(3);
  }
}
