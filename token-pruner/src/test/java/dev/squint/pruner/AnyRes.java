package dev.squint.pruner;

import dev.squint.pruner.Tile.Area;
import dev.squint.pruner.Tile.Crop;
import java.util.ArrayList;
import java.util.List;

/**
 * The tiles of LLaVA-NeXT and its relatives: the picture is scaled to fit a canvas of crops, padded
 * on two sides, and cut.
 */
public final class AnyRes {
  private AnyRes() {}

  /**
   * The global view and then the crops row by row, with what each crop shows of the picture.
   *
   * @param frame picture, counted over the request
   * @param side tokens along each side of a tile
   * @param gridRows rows of crops
   * @param gridCols columns of crops
   * @param width width of the picture in pixels
   * @param height height of the picture in pixels
   */
  public static List<Tile> tiles(
      int frame, int side, int gridRows, int gridCols, int width, int height) {
    Area shown = shown(side * gridRows, side * gridCols, width, height);
    List<Tile> tiles = new ArrayList<>();
    tiles.add(Tile.global(frame, side, side));
    for (int row = 0; row < gridRows; row++) {
      for (int col = 0; col < gridCols; col++) {
        int top = within(side, shown.top() - row * side);
        int left = within(side, shown.left() - col * side);
        Area part =
            new Area(
                top,
                left,
                within(side, shown.bottom() - row * side),
                within(side, shown.right() - col * side));
        tiles.add(new Tile(frame, side, side, new Crop(row, col, gridRows, gridCols), part));
      }
    }
    return tiles;
  }

  /** The tokens of the canvas that show picture; an odd remainder leaves one line of padding in. */
  private static Area shown(int rows, int cols, int width, int height) {
    if ((double) width / height > (double) cols / rows) {
      int pad = (rows - (int) (height * ((double) cols / width))) / 2;
      return new Area(pad, 0, rows - pad, cols);
    }
    int pad = (cols - (int) (width * ((double) rows / height))) / 2;
    return new Area(0, pad, rows, cols - pad);
  }

  private static int within(int side, int line) {
    return Math.max(0, Math.min(side, line));
  }
}
