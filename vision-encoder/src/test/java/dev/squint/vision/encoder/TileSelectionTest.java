package dev.squint.vision.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squint.pruner.CropTokens;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.vision.picture.Region;
import dev.squint.vision.tile.TilePlacement;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TileSelectionTest {

  // Places 0 and 1: crops of the first picture. 2: its global view. 3: the second picture. 4 to 6:
  // crops and global view of the third.
  private final List<TiledImage> pictures = List.of(wide(1), single(4), wide(5));

  @Test
  void globalViews_areOnlyThoseOfPicturesWithCrops() {
    TileSelection views = TileSelection.globalViewsWithCrops(pictures);

    assertThat(views.places()).containsExactly(2, 6);
    List<TiledImage> encoded = views.toEncode();
    assertThat(encoded).hasSize(2);
    assertThat(encoded.get(1).tiles()).containsExactly(pictures.get(2).tiles().get(2));
    assertThat(encoded.get(1).pixels().get(0)).isEqualTo(7);
    assertThat(encoded.get(1).pixels().remaining()).isEqualTo(12);
  }

  @Test
  void crops_areThoseOfAllPictures_withTheirPlaceAndTheirRangeOfValues() {
    CropTokens crops = TileSelection.crops(pictures);

    assertThat(crops.size()).isEqualTo(4);
    assertThat(crops.positions()).extracting(TokenPosition::frame).containsExactly(0, 0, 2, 2);
    assertThat(crops.places().get(1)).isEqualTo(new CropTokens.Place(0, 0.5, 1, 1));
    assertThat(crops.features().row(1)).containsExactly(2, 2.75f, 2, 2.75f, 2, 2.75f);
    assertThat(crops.range(1)).isEqualTo(0.75f, within(1e-6f));
  }

  @Test
  void keptCrops_areEncodedWithAllGlobalViews_andNothingElse() {
    CropTokens crops = TileSelection.crops(pictures);
    CropTokens kept = crops.reduced(TokenReduction.keep(4, new int[] {1}));

    TileSelection chosen = TileSelection.withCrops(pictures, kept);
    assertThat(chosen.places()).containsExactly(1, 2, 3, 6);
    TileSelection rest = chosen.without(TileSelection.globalViewsWithCrops(pictures));
    assertThat(rest.places()).containsExactly(1, 3);
    assertThat(rest.toEncode()).extracting(picture -> picture.tiles().size()).containsExactly(1, 1);
    assertThat(rest.toEncode().get(1)).isSameAs(pictures.get(1));
  }

  @Test
  void tilesEncodedApart_areInTheOrderOfThePrompt_andTheOthersHaveNoTokens() {
    TileSelection views = TileSelection.globalViewsWithCrops(pictures);
    TileSelection rest = new TileSelection(pictures, List.of(1, 3));

    PatchTokens tokens =
        TileSelection.together(
            pictures,
            List.of(
                new TileSelection.Encoded(views, views.placed(encode(views.toEncode()))),
                new TileSelection.Encoded(rest, rest.placed(encode(rest.toEncode())))));

    assertThat(tokens.tiles()).hasSize(7);
    assertThat(tokens.tiles().get(0)).isEqualTo(Tile.crop(0, 1, 2, new Tile.Crop(0, 0, 1, 2)));
    assertThat(tokens.tiles()).extracting(Tile::frame).containsExactly(0, 0, 0, 1, 2, 2, 2);
    assertThat(tokens.features().data()).containsExactly(2, -2, 3, -3, 4, -4, 7, -7);
    assertThat(tokens.positions())
        .extracting(TokenPosition::tile)
        .containsExactly(1, 1, 2, 2, 3, 3, 6, 6);
    assertThat(tokens.positions())
        .extracting(TokenPosition::frame)
        .containsExactly(0, 0, 0, 0, 1, 1, 2, 2);
  }

  /** Two tokens for each tile: its first pixel, and that with the other sign. */
  private static PatchTokens encode(List<TiledImage> pictures) {
    List<Tile> tiles = new ArrayList<>();
    List<float[]> features = new ArrayList<>();
    for (int frame = 0; frame < pictures.size(); frame++) {
      TiledImage picture = pictures.get(frame);
      for (int t = 0; t < picture.tiles().size(); t++) {
        tiles.add(new TokenGrid(1, 2).tile(frame, picture.tiles().get(t), picture));
        float first = picture.pixels().get(12 * t);
        features.add(new float[] {first});
        features.add(new float[] {-first});
      }
    }
    return PatchTokens.encoded(
        tiles, Matrix.of(features.toArray(float[][]::new)), EvidenceSet.nothing());
  }

  private static TiledImage wide(int first) {
    return tiled(
        4,
        List.of(
            new TilePlacement(new Tile.Crop(0, 0, 1, 2), new Region(0, 0, 2, 2)),
            new TilePlacement(new Tile.Crop(0, 1, 1, 2), new Region(2, 0, 4, 2)),
            new TilePlacement(null, new Region(0, 0, 4, 2))),
        first);
  }

  private static TiledImage single(int first) {
    return tiled(2, List.of(new TilePlacement(null, new Region(0, 0, 2, 2))), first);
  }

  /** Tiles of 2 x 2 pixels, the first pixel of each a whole number that counts up. */
  private static TiledImage tiled(int width, List<TilePlacement> tiles, int first) {
    float[] pixels = new float[12 * tiles.size()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = first + i / 12 + i % 4 / 4f;
    }
    return new TiledImage(width, 2, 2, 2, tiles, null, FloatBuffer.wrap(pixels));
  }
}
