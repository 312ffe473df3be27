package dev.squint.pruner;

import org.jspecify.annotations.Nullable;

/**
 * One input image of the encoder, which gives rows x cols tokens: the global view of a picture, or
 * one crop of it.
 *
 * @param frame picture or video frame, counted over the request
 * @param rows rows of tokens
 * @param cols columns of tokens
 * @param crop row and column of the crop in its picture, or null for the global view
 * @param shown the area of tokens that show the picture; the rest of the tile is padding
 */
public record Tile(int frame, int rows, int cols, @Nullable Crop crop, Area shown) {
  public Tile {
    if (frame < 0 || rows < 1 || cols < 1) {
      throw new IllegalArgumentException(
          "a tile needs a frame of at least 0 and at least one row and column but was frame %d, %d x %d"
              .formatted(frame, rows, cols));
    }
    if (shown.bottom() > rows || shown.right() > cols) {
      throw new IllegalArgumentException(
          "%s must be inside the tile of %d x %d tokens".formatted(shown, rows, cols));
    }
  }

  /**
   * The global view of a picture, without padding. A picture that is not cut into crops has only
   * its global view.
   */
  public static Tile global(int frame, int rows, int cols) {
    return new Tile(frame, rows, cols, null, Area.whole(rows, cols));
  }

  /** A crop without padding. */
  public static Tile crop(int frame, int rows, int cols, Crop crop) {
    return new Tile(frame, rows, cols, crop, Area.whole(rows, cols));
  }

  public boolean isGlobal() {
    return crop == null;
  }

  /** Number of tokens that the encoder returns for this tile. */
  public int tokens() {
    return rows * cols;
  }

  /**
   * Row and column of a crop in the grid of crops of its picture.
   *
   * @param row row of crops, from the top
   * @param col column of crops, from the left
   * @param gridRows number of rows of crops
   * @param gridCols number of columns of crops
   */
  public record Crop(int row, int col, int gridRows, int gridCols) {
    public Crop {
      if (row < 0 || col < 0 || row >= gridRows || col >= gridCols) {
        throw new IllegalArgumentException(
            "crop (%d, %d) must be inside the grid of %d x %d crops"
                .formatted(row, col, gridRows, gridCols));
      }
    }
  }

  /** A rectangle of tokens: rows [top, bottom), columns [left, right). */
  public record Area(int top, int left, int bottom, int right) {
    public Area {
      if (top < 0 || left < 0 || bottom < top || right < left) {
        throw new IllegalArgumentException(
            "an area is [top, bottom) x [left, right) but was [%d, %d) x [%d, %d)"
                .formatted(top, bottom, left, right));
      }
    }

    static Area whole(int rows, int cols) {
      return new Area(0, 0, rows, cols);
    }

    public boolean contains(int row, int col) {
      return row >= top && row < bottom && col >= left && col < right;
    }
  }
}
