package dev.squint.eval.run;

import dev.squint.eval.data.Box;
import dev.squint.pruner.Tile;
import dev.squint.vision.picture.Picture;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts of visual tokens on the objects that a question is about.
 *
 * @param all tokens on the objects before pruning
 * @param kept tokens on the objects after pruning
 */
public record ObjectTokens(int all, int kept) {

  /**
   * Counts the tokens. A token is on an object if its centre is in the object's box, or the box's
   * centre is in the token.
   *
   * @param tiles the encoded tiles; crops divide their picture evenly
   * @param keptTokens indices of the kept tokens, ascending
   * @param pictures the pictures that the boxes refer to
   * @return the counts, or null if there are no boxes
   */
  public static @Nullable ObjectTokens of(
      List<Tile> tiles, int[] keptTokens, List<Picture> pictures, List<Box> boxes) {
    if (boxes.isEmpty()) {
      return null;
    }
    int all = 0;
    int kept = 0;
    int token = 0;
    for (Tile tile : tiles) {
      Picture picture = pictures.get(tile.frame());
      for (int row = 0; row < tile.rows(); row++) {
        for (int col = 0; col < tile.cols(); col++, token++) {
          if (tile.shown().contains(row, col) && isOn(tile, row, col, picture, boxes)) {
            all++;
            kept += Arrays.binarySearch(keptTokens, token) >= 0 ? 1 : 0;
          }
        }
      }
    }
    return new ObjectTokens(all, kept);
  }

  private static boolean isOn(Tile tile, int row, int col, Picture picture, List<Box> boxes) {
    double left = place(col, tile.shown().left(), tile.shown().right(), tile, true);
    double right = place(col + 1, tile.shown().left(), tile.shown().right(), tile, true);
    double top = place(row, tile.shown().top(), tile.shown().bottom(), tile, false);
    double bottom = place(row + 1, tile.shown().top(), tile.shown().bottom(), tile, false);
    double x = (left + right) / 2 * picture.width();
    double y = (top + bottom) / 2 * picture.height();
    for (Box box : boxes) {
      double boxX = (box.left() + box.right()) / 2 / picture.width();
      double boxY = (box.top() + box.bottom()) / 2 / picture.height();
      boolean inside = x >= box.left() && x < box.right() && y >= box.top() && y < box.bottom();
      boolean around = boxX >= left && boxX < right && boxY >= top && boxY < bottom;
      if (box.frame() == tile.frame() && (inside || around)) {
        return true;
      }
    }
    return false;
  }

  /** Returns the position of an edge of the tile's token grid in the picture, from 0 to 1. */
  private static double place(int edge, int from, int to, Tile tile, boolean across) {
    double inTile = (double) (edge - from) / (to - from);
    Tile.Crop crop = tile.crop();
    if (crop == null) {
      return inTile;
    }
    return across
        ? (crop.col() + inTile) / crop.gridCols()
        : (crop.row() + inTile) / crop.gridRows();
  }
}
