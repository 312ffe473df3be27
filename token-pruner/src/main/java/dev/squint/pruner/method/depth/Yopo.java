package dev.squint.pruner.method.depth;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerSchedule;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Ranking;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which visual attention a decoder can skip for every input. YOPO ("Treat visual tokens as text?",
 * arXiv 2410.06169); its models were trained with it.
 *
 * <p>Visual tokens attend only to their neighbours in the picture. Some heads attend to no visual
 * tokens. In the deepest layers no head does, which equals dropping all visual tokens there; this
 * layer drop is what a plan runs.
 *
 * @param from share of the layers after which all visual tokens are dropped, in (0, 1)
 */
public record Yopo(double from) implements LayerSchedule {

  public Yopo {
    if (!(from > 0 && from < 1)) {
      throw new IllegalArgumentException("from must be in (0, 1) but was " + from);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of();
  }

  @Override
  public String places(int layers) {
    if (layers == 1) {
      throw new IllegalArgumentException("the decoder has one layer, which has all tokens");
    }
    long place = Math.max(1, Math.min(layers - 1, Math.round(from * layers)));
    return "layer%d:uniform-grid(tokens=0)".formatted(place);
  }

  /** The same for every number of tokens. */
  @Override
  public String plan(int layers, int tokens) {
    return places(layers);
  }

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
