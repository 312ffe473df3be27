package dev.squint.vision.encoder;

import dev.squint.vision.tile.TokenGrid;

/**
 * What the rows of an encoder's hidden states of one tile are: a CLS token or none, then patches
 * row by row, of which a square makes one visual token.
 *
 * @param cls whether the first row is a CLS token
 * @param side patches along each side of a visual token
 * @param tokens how the visual tokens lie on the tile
 */
record PatchRows(boolean cls, int side, TokenGrid tokens) {

  /**
   * Tells the rows by their number.
   *
   * @throws IllegalArgumentException if they are not squares of patches for each token, with or
   *     without a CLS token
   */
  static PatchRows of(String graph, int rows, TokenGrid tokens) {
    int count = tokens.rows() * tokens.cols();
    int side = (int) Math.sqrt((double) rows / count);
    int others = rows - count * side * side;
    if (side < 1 || others > 1) {
      throw new IllegalArgumentException(
          "%s makes %d visual tokens of %d hidden states; Squint can tell which belong to which only if squares of patches make a token, with one CLS token before them or none; choose methods that read nothing of the encoder"
              .formatted(graph, count, rows));
    }
    return new PatchRows(others == 1, side, tokens);
  }

  /** The row of the first patch. */
  int first() {
    return cls ? 1 : 0;
  }

  /** How the patches lie on the tile. */
  TokenGrid patches() {
    return new TokenGrid(tokens.rows() * side, tokens.cols() * side);
  }

  /** The patches of one visual token, counted row by row from 0. */
  int[] ofToken(int token) {
    int cols = tokens.cols() * side;
    int[] patches = new int[side * side];
    for (int i = 0; i < patches.length; i++) {
      int row = token / tokens.cols() * side + i / side;
      patches[i] = row * cols + token % tokens.cols() * side + i % side;
    }
    return patches;
  }
}
