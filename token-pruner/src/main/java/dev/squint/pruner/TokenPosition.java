package dev.squint.pruner;

/**
 * Where one visual token lies: picture or video frame, tile, row and column of the tile's token
 * grid, all counted from 0.
 *
 * <p>A merged token keeps the position of the token it is represented by, so the position stays on
 * the grid.
 *
 * @param frame picture or video frame, counted over the request
 * @param tile index into {@link TokenSet#tiles()}
 * @param row row of the tile's grid, top first
 * @param col column of the tile's grid, left first
 */
public record TokenPosition(int frame, int tile, int row, int col) {
  public TokenPosition {
    if (frame < 0 || tile < 0 || row < 0 || col < 0) {
      throw new IllegalArgumentException(
          "a token position counts from 0 but was frame %d, tile %d, row %d, col %d"
              .formatted(frame, tile, row, col));
    }
  }
}
