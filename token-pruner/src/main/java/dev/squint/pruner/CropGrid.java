package dev.squint.pruner;

import java.util.List;

/**
 * Where a tile lies on the grid of all crops of its picture, put together without their padding.
 *
 * @param top row of this grid at which row 0 of the tile lies; negative if row 0 is padding
 * @param left the same for columns
 * @param rows at least 1
 * @param cols at least 1
 */
public record CropGrid(int top, int left, int rows, int cols) {

  /** The place of a tile; one that is not a crop is a grid of its own. */
  public static CropGrid of(Tile tile, List<Tile> tiles) {
    Tile.Area shown = tile.shown();
    int top = -shown.top();
    int left = -shown.left();
    Tile.Crop here = tile.crop();
    if (here == null) {
      return new CropGrid(
          top,
          left,
          Math.max(1, shown.bottom() - shown.top()),
          Math.max(1, shown.right() - shown.left()));
    }
    int rows = 0;
    int cols = 0;
    for (Tile other : tiles) {
      Tile.Crop there = other.crop();
      if (there == null || other.frame() != tile.frame()) {
        continue;
      }
      int height = other.shown().bottom() - other.shown().top();
      int width = other.shown().right() - other.shown().left();
      if (there.col() == here.col()) {
        rows += height;
        top += there.row() < here.row() ? height : 0;
      }
      if (there.row() == here.row()) {
        cols += width;
        left += there.col() < here.col() ? width : 0;
      }
    }
    return new CropGrid(top, left, Math.max(1, rows), Math.max(1, cols));
  }
}
