package dev.squint.vision.encoder;

import dev.squint.vision.tile.TokenGrid;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The meaning of each row of an encoder's hidden states for one tile: an optional CLS token, then
 * patches row by row. Each square of patches makes one visual token.
 *
 * @param cls whether the first row is a CLS token
 * @param side patches along each side of a visual token
 * @param tokens the grid of visual tokens on the tile
 */
record PatchRows(boolean cls, int side, TokenGrid tokens) {

  /**
   * Derives the layout from the number of rows.
   *
   * @throws IllegalArgumentException if the rows are not one square of patches for each token, with
   *     or without a CLS token
   */
  static PatchRows of(String graph, int rows, TokenGrid tokens) {
    int count = tokens.rows() * tokens.cols();
    int side = (int) Math.sqrt((double) rows / count);
    int others = rows - count * side * side;
    if (side < 1 || others > 1) {
      throw new IllegalArgumentException(
          "%s makes %d visual tokens of %d hidden states; Squint needs one square of patches for each token, with at most one CLS token before the patches; choose methods that need no evidence of the encoder"
              .formatted(graph, count, rows));
    }
    return new PatchRows(others == 1, side, tokens);
  }

  /** The layout of some of the patches, each of which makes one token. */
  PatchRows line(int patches) {
    return new PatchRows(cls, 1, new TokenGrid(1, patches));
  }

  /** The row of the first patch. */
  int first() {
    return cls ? 1 : 0;
  }

  /** The grid of patches on the tile. */
  TokenGrid patches() {
    return new TokenGrid(tokens.rows() * side, tokens.cols() * side);
  }

  /** The patch indices of one visual token, numbered row by row from 0. */
  int[] ofToken(int token) {
    int cols = tokens.cols() * side;
    int[] patches = new int[side * side];
    for (int i = 0; i < patches.length; i++) {
      int row = token / tokens.cols() * side + i / side;
      patches[i] = row * cols + token % tokens.cols() * side + i % side;
    }
    return patches;
  }

  /** The rows that make these visual tokens, and the CLS token's, ascending. */
  int[] withTokens(List<Integer> wanted) {
    IntStream patches = wanted.stream().flatMapToInt(token -> IntStream.of(ofToken(token)));
    return IntStream.concat(IntStream.range(0, first()), patches.map(patch -> first() + patch))
        .sorted()
        .toArray();
  }

  /**
   * The rows that the projector takes: of each patch the row that it was merged into, and zeros,
   * -1, for the patches of groups that are not encoded.
   *
   * @param targets of each patch, negative if it is not encoded
   * @param from the target that stands for the first row of a patch
   */
  int[] places(int[] targets, int from) {
    return IntStream.concat(
            IntStream.range(0, first()),
            IntStream.of(targets).map(row -> row < 0 ? -1 : first() + row - from))
        .toArray();
  }
}
