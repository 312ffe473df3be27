package dev.squint.vision.tile;

import dev.squint.pruner.Tile;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import java.util.ArrayList;
import java.util.List;

/** Cuts a resized picture into crops of one size. */
final class Crops {

  private Crops() {}

  /**
   * Returns the crops row by row.
   *
   * @param resized a picture whose sides are multiples of the tile's
   * @param whole the part of the original that it shows
   */
  static List<TiledImage.Cut> of(Picture resized, Region whole, Dimensions tile) {
    int rows = resized.height() / tile.height();
    int cols = resized.width() / tile.width();
    List<TiledImage.Cut> crops = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      for (int col = 0; col < cols; col++) {
        int x = col * tile.width();
        int y = row * tile.height();
        crops.add(
            new TiledImage.Cut(
                resized.crop(x, y, tile.width(), tile.height()),
                new TilePlacement(
                    new Tile.Crop(row, col, rows, cols),
                    whole.part(x, y, tile.width(), tile.height(), Dimensions.of(resized)))));
      }
    }
    return crops;
  }
}
