package dev.squint.vision.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.vision.Fixtures;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.picture.ResampleFilter;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenMapTest {

  private static final PixelScaling BYTES =
      PixelScaling.of(1, new double[] {0, 0, 0}, new double[] {1, 1, 1});

  private static Picture grey(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    Arrays.fill(rgb, (byte) 200);
    return new Picture(width, height, rgb);
  }

  private static int at(Picture picture, int x, int y) {
    return picture.rgb()[3 * (y * picture.width() + x)] & 0xff;
  }

  private static TiledImage squeezed(Picture picture) {
    return new SingleTiler(
            null, new TargetSize.Exact(new Dimensions(8, 8)), ResampleFilter.BOX, null, BYTES)
        .tile(picture);
  }

  @Test
  void oneTile_dimsWhatWasDroppedAndDarkensWhatWasMerged() {
    Picture picture = grey(10, 6);
    // Tokens: kept, dropped / merged into the first, kept.
    TokenReduction reduction =
        TokenReduction.merge(new int[] {0, 3}, new int[] {0, -1, 0, 1}, new int[] {1, 1, 1, 1});
    Picture map =
        TokenMap.draw(
                List.of(picture),
                List.of(squeezed(picture)),
                List.of(Tile.global(0, 2, 2)),
                reduction)
            .get(0);
    assertThat(map.width()).isEqualTo(10);
    assertThat(map.height()).isEqualTo(6);
    assertThat(at(map, 0, 0)).isEqualTo(200);
    assertThat(at(map, 4, 2)).isEqualTo(200);
    assertThat(at(map, 5, 2)).isEqualTo(36);
    assertThat(at(map, 9, 0)).isEqualTo(36);
    assertThat(at(map, 0, 3)).isEqualTo(120);
    assertThat(at(map, 9, 5)).isEqualTo(200);
  }

  @Test
  void crops_outshineTheGlobalView() {
    Picture picture = grey(16, 8);
    TiledImage tiled =
        new Idefics3Tiler(null, null, 8, true, false, ResampleFilter.BOX, BYTES).tile(picture);
    List<Tile> tiles =
        List.of(
            Tile.crop(0, 1, 1, new Tile.Crop(0, 0, 1, 2)),
            Tile.crop(0, 1, 1, new Tile.Crop(0, 1, 1, 2)),
            Tile.global(0, 1, 1));
    Picture all = draw(picture, tiled, tiles, 0, 1, 2);
    assertThat(all.rgb()).containsOnly((byte) 200);
    Picture left = draw(picture, tiled, tiles, 0);
    assertThat(at(left, 7, 0)).isEqualTo(200);
    assertThat(at(left, 8, 0)).isEqualTo(36);
    Picture leftAndGlobal = draw(picture, tiled, tiles, 0, 2);
    assertThat(at(leftAndGlobal, 7, 0)).isEqualTo(200);
    assertThat(at(leftAndGlobal, 8, 0)).isEqualTo(100);
  }

  private static Picture draw(Picture picture, TiledImage tiled, List<Tile> tiles, int... kept) {
    return TokenMap.draw(
            List.of(picture), List.of(tiled), tiles, TokenReduction.keep(tiles.size(), kept))
        .get(0);
  }

  @Test
  void centreCrop_leavesTheRestDimmed() {
    Picture picture = grey(20, 10);
    TiledImage tiled =
        new SingleTiler(null, null, ResampleFilter.BOX, new Dimensions(10, 10), BYTES)
            .tile(picture);
    Picture map = draw(picture, tiled, List.of(Tile.global(0, 1, 1)), 0);
    assertThat(at(map, 4, 5)).isEqualTo(36);
    assertThat(at(map, 5, 5)).isEqualTo(200);
    assertThat(at(map, 14, 5)).isEqualTo(200);
    assertThat(at(map, 15, 5)).isEqualTo(36);
  }

  @Test
  void severalPictures_haveAMapEach() {
    Picture first = grey(4, 4);
    Picture second = grey(6, 2);
    List<Picture> maps =
        TokenMap.draw(
            List.of(first, second),
            List.of(squeezed(first), squeezed(second)),
            List.of(Tile.global(0, 1, 1), Tile.global(1, 1, 1)),
            TokenReduction.keep(2, new int[] {1}));
    assertThat(at(maps.get(0), 1, 1)).isEqualTo(36);
    assertThat(at(maps.get(1), 5, 1)).isEqualTo(200);
  }

  @Test
  void png_isReadBackUnchanged() {
    Picture picture = new PictureReader().read(Fixtures.bytes("tiles/wide.png"), "wide.png");
    assertThat(Fixtures.difference(new PictureReader().read(picture.toPng(), "a.png"), picture))
        .isZero();
  }

  @Test
  void whatDoesNotBelongTogether_isRefused() {
    Picture picture = grey(4, 4);
    assertThatThrownBy(
            () ->
                TokenMap.draw(
                    List.of(picture),
                    List.of(squeezed(picture)),
                    List.of(Tile.global(0, 2, 2)),
                    TokenReduction.keepAll(5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4 tokens and a reduction of 5 tokens");
  }
}
