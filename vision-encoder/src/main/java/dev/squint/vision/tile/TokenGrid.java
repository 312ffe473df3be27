package dev.squint.vision.tile;

import dev.squint.pruner.Tile;
import dev.squint.vision.picture.Region;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Grid of the visual tokens of one tile, row by row.
 *
 * @param rows rows of tokens
 * @param cols columns of tokens
 */
public record TokenGrid(int rows, int cols) {

  /** Smaller parts of a token are rounding errors. */
  private static final double TOUCH = 1e-6;

  /**
   * Finds rows and columns from their product and the shape of the tile.
   *
   * @throws IllegalArgumentException if no grid of the tile's aspect has this many tokens
   */
  public static TokenGrid of(int tokens, int tileWidth, int tileHeight) {
    int rows = (int) Math.round(Math.sqrt((double) tokens * tileHeight / tileWidth));
    if (rows < 1 || tokens % rows != 0) {
      throw new IllegalArgumentException(
          "%d visual tokens do not form a grid on a tile of %d x %d pixels"
              .formatted(tokens, tileWidth, tileHeight));
    }
    return new TokenGrid(rows, tokens / rows);
  }

  /** Returns the tile for methods, with the tokens that show part of the picture. */
  public Tile tile(int frame, TilePlacement placement, TiledImage picture) {
    Tile.Crop crop = placement.crop();
    Region region = placement.region();
    Tile.Area shown =
        crop == null
            ? touched(region, picture)
            : unpadded(crop, region, picture.pictureWidth(), picture.pictureHeight());
    return new Tile(frame, rows, cols, crop, shown);
  }

  private Tile.Area touched(Region region, TiledImage picture) {
    double down = rows / (region.bottom() - region.top());
    double across = cols / (region.right() - region.left());
    return new Tile.Area(
        clamp(Math.floor(-region.top() * down + TOUCH), rows),
        clamp(Math.floor(-region.left() * across + TOUCH), cols),
        clamp(Math.ceil((picture.pictureHeight() - region.top()) * down - TOUCH), rows),
        clamp(Math.ceil((picture.pictureWidth() - region.left()) * across - TOUCH), cols));
  }

  /**
   * The part of a crop without the padding around all crops. LLaVA-NeXT counts whole tokens of the
   * joint grid, as do the prompts of its training.
   */
  private Tile.Area unpadded(Tile.Crop crop, Region region, int width, int height) {
    int jointRows = crop.gridRows() * rows;
    int jointCols = crop.gridCols() * cols;
    boolean wider = (double) width / height > (double) jointCols / jointRows;
    int above = 0;
    int before = 0;
    if (isPadded(region.top(), region.bottom(), crop.row(), crop.gridRows(), height) && wider) {
      above = (jointRows - wholeTokens(height * ((double) jointCols / width))) / 2;
    }
    if (isPadded(region.left(), region.right(), crop.col(), crop.gridCols(), width) && !wider) {
      before = (jointCols - wholeTokens(width * ((double) jointRows / height))) / 2;
    }
    int top = crop.row() * rows;
    int left = crop.col() * cols;
    int shownTop = clamp(above - top, rows);
    int shownLeft = clamp(before - left, cols);
    return new Tile.Area(
        shownTop,
        shownLeft,
        Math.max(shownTop, clamp(jointRows - above - top, rows)),
        Math.max(shownLeft, clamp(jointCols - before - left, cols)));
  }

  /** Whether the crops of a line extend beyond the picture. */
  private static boolean isPadded(double start, double end, int index, int crops, int length) {
    double first = start - index * (end - start);
    return first < -TOUCH || first + crops * (end - start) > length + TOUCH;
  }

  /** Rounds down, ignoring errors in the eighth decimal place. */
  private static int wholeTokens(double tokens) {
    return new BigDecimal(tokens).setScale(7, RoundingMode.HALF_EVEN).intValue();
  }

  private static int clamp(double token, int tokens) {
    return (int) Math.max(0, Math.min(tokens, token));
  }
}
