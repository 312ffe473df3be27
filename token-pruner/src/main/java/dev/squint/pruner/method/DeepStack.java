package dev.squint.pruner.method;

import java.util.Arrays;

/**
 * The order in which DeepStack (arXiv 2406.04334) adds the tokens of crops to the global view: the
 * crops make one mosaic, its tokens are dealt into groups as large as the global view, and group
 * after group is added to the hidden states of the global view before successive decoder layers. It
 * drops nothing and needs a model trained for it.
 */
public final class DeepStack {
  private DeepStack() {}

  /** How the mosaic is dealt into groups. */
  public enum Sampling {
    /**
     * Every gridRows-th row and gridCols-th column, so that each group is a coarse view of the
     * whole.
     */
    TWO_D,
    /** Every (gridRows * gridCols)-th token of the mosaic, row by row. */
    ONE_D,
    /** Each crop is a group. */
    GRID
  }

  /**
   * For each group and each place of the global view the token of the crops that is added there,
   * [groups, side * side]: crop number times side * side, plus the place in the crop; -1 where a
   * group is only there to fill up, and nothing is added.
   *
   * @param side tokens along each side of a tile
   * @param gridRows rows of crops
   * @param gridCols columns of crops
   * @param groups number of groups, at least the number of crops
   * @throws IllegalArgumentException when there are fewer groups than crops
   */
  public static int[][] groups(
      Sampling sampling, int side, int gridRows, int gridCols, int groups) {
    int crops = gridRows * gridCols;
    if (groups < crops) {
      throw new IllegalArgumentException(
          "%d groups cannot hold the tokens of %d x %d crops"
              .formatted(groups, gridRows, gridCols));
    }
    int places = side * side;
    int[][] order = new int[groups][places];
    for (int[] group : order) {
      Arrays.fill(group, -1);
    }
    int width = gridCols * side;
    for (int g = 0; g < crops; g++) {
      for (int place = 0; place < places; place++) {
        int row = place / side;
        int col = place % side;
        order[g][place] =
            switch (sampling) {
              case TWO_D ->
                  token(
                      row * gridRows + g / gridCols, col * gridCols + g % gridCols, side, gridCols);
              case ONE_D ->
                  token((place * crops + g) / width, (place * crops + g) % width, side, gridCols);
              case GRID -> g * places + place;
            };
      }
    }
    return order;
  }

  /** The token at a place of the mosaic. */
  private static int token(int row, int col, int side, int gridCols) {
    int crop = row / side * gridCols + col / side;
    return crop * side * side + row % side * side + col % side;
  }
}
