package dev.squint.pruner.method.baseline;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Budget;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenSet;
import java.util.ArrayList;
import java.util.List;

/**
 * Divides every tile into cells of neighbouring tokens, one cell per token of the budget and as
 * equal in size as whole tokens allow: bands of rows, each cut into runs of columns. Each tile
 * receives a share of the budget in proportion to its tokens. A tile that has already lost tokens
 * is not a full grid; it is cut into runs of tokens in reading order.
 */
final class GridCells {
  private GridCells() {}

  /** The tokens of each cell, ascending. */
  static List<int[]> of(TokenSet tokens, Budget budget) {
    int tiles = tokens.tiles().size();
    List<int[]> ofTile = new ArrayList<>();
    int[] sizes = new int[tiles];
    for (int t = 0; t < tiles; t++) {
      ofTile.add(tokens.ofTile(t));
      sizes[t] = ofTile.get(t).length;
    }
    int[] shares = Apportionment.even(budget.tokens(tokens.size()), sizes);
    List<int[]> cells = new ArrayList<>();
    for (int t = 0; t < tiles; t++) {
      if (shares[t] > 0) {
        cut(tokens.tiles().get(t), ofTile.get(t), shares[t], cells);
      }
    }
    return cells;
  }

  /** The token of a cell that is nearest to the cell's centre; ties go to the earlier token. */
  static int middle(TokenSet tokens, int[] cell) {
    double row = 0;
    double col = 0;
    for (int i : cell) {
      TokenPosition position = tokens.positions().get(i);
      row += (double) position.row() / cell.length;
      col += (double) position.col() / cell.length;
    }
    int nearest = cell[0];
    double least = Double.POSITIVE_INFINITY;
    for (int i : cell) {
      TokenPosition position = tokens.positions().get(i);
      double distance = Math.hypot(position.row() - row, position.col() - col);
      // The tolerance makes equal distances tie despite rounding of the centre.
      if (distance < least - 1e-9) {
        least = distance;
        nearest = i;
      }
    }
    return nearest;
  }

  /**
   * Number of operations for the centres of all cells and the distance of each token to the centre
   * of its cell.
   */
  static double operations(int tokens) {
    return 10.0 * tokens;
  }

  private static void cut(Tile tile, int[] indices, int share, List<int[]> cells) {
    boolean whole = indices.length == tile.tokens();
    int rows = whole ? tile.rows() : 1;
    int cols = whole ? tile.cols() : indices.length;
    int bands = bands(rows, cols, share);
    for (int band = 0; band < bands; band++) {
      int top = band * rows / bands;
      int bottom = (band + 1) * rows / bands;
      int runs = (band + 1) * share / bands - band * share / bands;
      for (int run = 0; run < runs; run++) {
        int left = run * cols / runs;
        int right = (run + 1) * cols / runs;
        int[] cell = new int[(bottom - top) * (right - left)];
        int at = 0;
        for (int row = top; row < bottom; row++) {
          for (int col = left; col < right; col++) {
            cell[at++] = indices[row * cols + col];
          }
        }
        cells.add(cell);
      }
    }
  }

  /**
   * The number of bands that maximises the shorter side of the cells, and among those gives the
   * squarest cells.
   */
  private static int bands(int rows, int cols, int share) {
    int best = 0;
    double bestSide = 0;
    double bestSkew = 0;
    for (int bands = (share + cols - 1) / cols; bands <= Math.min(rows, share); bands++) {
      double height = (double) rows / bands;
      int mostRuns = (share + bands - 1) / bands;
      double width = (double) cols / mostRuns;
      double side = Math.min(height, width);
      double skew = Math.abs(height - width);
      if (best == 0 || side > bestSide || (side == bestSide && skew < bestSkew)) {
        best = bands;
        bestSide = side;
        bestSkew = skew;
      }
    }
    return best;
  }
}
