package dev.squint.vision.tile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import dev.squint.vision.picture.ResampleFilter;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DownsamplingTest {

  private static final PixelScaling BYTES =
      PixelScaling.of(1, new double[] {0, 0, 0}, new double[] {1, 1, 1});
  private static final Idefics3Tiler EXACT =
      new Idefics3Tiler(32, null, 8, true, false, ResampleFilter.BOX, BYTES);
  private static final Idefics3Tiler NATIVE =
      new Idefics3Tiler(32, null, 8, true, true, ResampleFilter.BOX, BYTES);

  @Test
  void aPictureOfManyTiles_hasTheLargestGridWithinTheShare() {
    Picture picture = grey(100, 100);
    assertThat(EXACT.tile(picture).tiles()).hasSize(17);

    assertThat(shrunk(picture, 0.99).tiles()).hasSize(10);
    assertThat(shrunk(picture, 0.59).tiles()).hasSize(10);
    assertThat(shrunk(picture, 0.5).tiles()).hasSize(5);
    assertThat(shrunk(picture, 0.25).tiles()).hasSize(1);
  }

  @Test
  void tilesLieOnTheOriginalPicture() {
    TiledImage tiled = shrunk(grey(100, 100), 0.5);

    assertThat(tiled.pictureWidth()).isEqualTo(100);
    assertThat(tiled.tiles().get(3).region()).isEqualTo(new Region(50, 50, 100, 100));
    assertThat(tiled.tiles().get(4).region()).isEqualTo(new Region(0, 0, 100, 100));
  }

  @Test
  void lessThanATile_isASmallerPictureOnBlack_andOnlyItsTokensStay() {
    Picture picture = grey(8, 8);
    SingleTiler single =
        new SingleTiler(
            null, new TargetSize.Exact(new Dimensions(8, 8)), ResampleFilter.BOX, null, BYTES);
    TiledImage only = Downsampling.shrink(picture, single.tile(picture), single, 0.25);

    assertThat(only.tiles()).containsExactly(new TilePlacement(null, new Region(0, 0, 16, 16)));
    assertThat(only.pixels().get(3 * 8 + 3)).isEqualTo(200);
    assertThat(only.pixels().get(3 * 8 + 4)).isZero();
    assertThat(only.pixels().get(4 * 8)).isZero();
    PatchTokens tokens =
        PatchTokens.encoded(
            List.of(Tile.global(0, 4, 4)), new Matrix(16, 1, new float[16]), EvidenceSet.nothing());
    assertThat(Downsampling.shown(List.of(only), tokens).kept()).containsExactly(0, 1, 4, 5);
  }

  @Test
  void tokensStayWhoseCentreShowsThePicture() {
    TiledImage tiled =
        new TiledImage(
            10,
            10,
            1,
            1,
            List.of(new TilePlacement(null, new Region(0, 0, 16, 16))),
            null,
            FloatBuffer.wrap(new float[3]));
    PatchTokens tokens =
        PatchTokens.encoded(
            List.of(Tile.global(0, 3, 4)), new Matrix(12, 1, new float[12]), EvidenceSet.nothing());

    // Centres at 2, 6, 10, 14 from the left and 2.7, 8, 13.3 from above.
    assertThat(Downsampling.shown(List.of(tiled), tokens).kept()).containsExactly(0, 1, 2, 4, 5, 6);
  }

  @Test
  void patchesOfAnySize_shrinkWithTheShare() {
    SmartResizeTiler tiler =
        new SmartResizeTiler(
            4 * 4, 1 << 20, false, true, new PatchLayout(2, 1, 2), ResampleFilter.BOX, BYTES);
    Picture picture = grey(64, 32);

    TiledImage tiled = Downsampling.shrink(picture, tiler.tile(picture), tiler, 0.25);

    assertThat(tiled.tileWidth()).isEqualTo(32);
    assertThat(tiled.tileHeight()).isEqualTo(16);
  }

  private static TiledImage shrunk(Picture picture, double share) {
    return Downsampling.shrink(picture, EXACT.tile(picture), NATIVE, share);
  }

  private static Picture grey(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    Arrays.fill(rgb, (byte) 200);
    return new Picture(width, height, rgb);
  }
}
