package dev.squint.vision;

import dev.squint.pruner.Tile;

/**
 * How the visual tokens of one tile lie on it, row by row.
 *
 * @param rows rows of tokens
 * @param cols columns of tokens
 */
record TokenGrid(int rows, int cols) {

  /**
   * Finds rows and columns from their product and the shape of the tile.
   *
   * @throws IllegalArgumentException if no grid of the tile's aspect has so many tokens
   */
  static TokenGrid of(int tokens, int tileWidth, int tileHeight) {
    int rows = (int) Math.round(Math.sqrt((double) tokens * tileHeight / tileWidth));
    if (rows < 1 || tokens % rows != 0) {
      throw new IllegalArgumentException(
          "%d visual tokens do not form a grid on a tile of %d x %d pixels"
              .formatted(tokens, tileWidth, tileHeight));
    }
    return new TokenGrid(rows, tokens / rows);
  }

  /** The tile that methods see. */
  Tile tile(int frame, TilePlacement placement, TiledImage picture) {
    Region region = placement.region();
    Tile.Area shown =
        new Tile.Area(
            first(region.top(), region.bottom(), rows),
            first(region.left(), region.right(), cols),
            last(region.top(), region.bottom(), picture.pictureHeight(), rows),
            last(region.left(), region.right(), picture.pictureWidth(), cols));
    return new Tile(frame, rows, cols, placement.crop(), shown);
  }

  /** The first token of a line that shows some of the picture. */
  private static int first(double start, double end, int tokens) {
    return clamp(Math.floor(tokens * (0 - start) / (end - start) + TOUCH), tokens);
  }

  /** The token after the last one of a line that shows some of the picture. */
  private static int last(double start, double end, int pictureEnd, int tokens) {
    return clamp(Math.ceil(tokens * (pictureEnd - start) / (end - start) - TOUCH), tokens);
  }

  /** Less of a token than this is a rounding error. */
  private static final double TOUCH = 1e-6;

  private static int clamp(double token, int tokens) {
    return (int) Math.max(0, Math.min(tokens, token));
  }
}
