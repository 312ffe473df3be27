package dev.squint.pruner;

/**
 * Position of one visual token: picture or video frame, tile, row and column in the tile's token
 * grid, all from 0.
 *
 * <p>A merged token has the position of its representative, so every position is on the grid.
 *
 * @param frame picture or video frame, counted over the request
 * @param tile index into {@link TokenSet#tiles()}
 * @param row row of the tile's grid, from the top
 * @param col column of the tile's grid, from the left
 */
public record TokenPosition(int frame, int tile, int row, int col) {
  public TokenPosition {
    if (frame < 0 || tile < 0 || row < 0 || col < 0) {
      throw new IllegalArgumentException(
          "the parts of a token position must be at least 0 but were frame %d, tile %d, row %d, col %d"
              .formatted(frame, tile, row, col));
    }
  }
}
