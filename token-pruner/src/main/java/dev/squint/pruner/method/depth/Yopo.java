package dev.squint.pruner.method.depth;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.Ranking;
import java.util.ArrayList;
import java.util.List;

/**
 * Which visual attention a decoder can skip for every input. YOPO ("Treat visual tokens as text?",
 * arXiv 2410.06169); its models were trained with it.
 *
 * <p>Visual tokens attend only to their neighbours in the picture. Some heads attend to no visual
 * tokens. In the deepest layers no head does, which equals dropping all visual tokens there.
 */
public final class Yopo {
  private Yopo() {}

  /**
   * For each visual token of a picture the visual tokens that it attends to, ascending, [N]: at
   * most half a window away in rows and in columns. As in the authors' code they include later
   * tokens, which causal attention would hide.
   *
   * @param window width of the neighbourhood, 5 in the paper; an even one counts as one less
   */
  public static List<int[]> neighbours(int rows, int cols, int window) {
    int reach = (window - 1) / 2;
    List<int[]> neighbours = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      for (int col = 0; col < cols; col++) {
        int top = Math.max(0, row - reach);
        int bottom = Math.min(rows - 1, row + reach);
        int left = Math.max(0, col - reach);
        int right = Math.min(cols - 1, col + reach);
        int[] seen = new int[(bottom - top + 1) * (right - left + 1)];
        int at = 0;
        for (int r = top; r <= bottom; r++) {
          for (int c = left; c <= right; c++) {
            seen[at++] = r * cols + c;
          }
        }
        neighbours.add(seen);
      }
    }
    return neighbours;
  }

  /**
   * Which heads attend to visual tokens, [L][H]: those with the largest share of attention to them,
   * over all layers together.
   *
   * @param visualShare attention to visual tokens as a share of all attention, mean over
   *     calibration data, [L, H]
   * @param heads number of active heads
   */
  public static boolean[][] activeHeads(Matrix visualShare, int heads) {
    boolean[][] active = new boolean[visualShare.rows()][visualShare.cols()];
    for (int head : Ranking.best(visualShare.data(), heads)) {
      active[head / visualShare.cols()][head % visualShare.cols()] = true;
    }
    return active;
  }
}
