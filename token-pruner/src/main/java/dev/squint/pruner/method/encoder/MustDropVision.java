package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Merges windows of the grid with similar tokens early in the encoder, so that its later layers run
 * on fewer tokens. MustDrop's vision stage (arXiv 2411.10803); the authors merge after the first
 * layer.
 *
 * <p>A window can be merged if the mean cosine of its pairs reaches the threshold. All tiles merge
 * the same number of windows, the smallest number of any tile, so that they stay one batch; each
 * tile merges its most similar windows. Incomplete windows at the edge, or with dropped tokens, are
 * not merged. Bounds of a budget change the number of windows, in steps of whole windows. The
 * authors put merged tokens first; an encoder does not depend on the order, and here tokens stay in
 * grid order.
 *
 * @param window tokens along each side of a window
 * @param threshold least mean cosine of a window that is merged
 */
public record MustDropVision(int window, double threshold) implements Pruner<PatchTokens> {
  public MustDropVision {
    if (window < 2) {
      throw new IllegalArgumentException("window must be at least 2 but was " + window);
    }
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    int saved = window * window - 1;
    List<Windows> tiles = new ArrayList<>();
    int fewest = Integer.MAX_VALUE;
    for (int t = 0; t < tokens.tiles().size(); t++) {
      Windows windows = windows(tokens.tile(t), tokens.tiles().get(t));
      int n = tokens.ofTile(t).length;
      int own = windows.reaching(threshold);
      int preferred = n - saved * own;
      int allowed = budget.tokens(n, preferred);
      int bounded = allowed > preferred ? (n - allowed) / saved : (n - allowed + saved - 1) / saved;
      tiles.add(windows);
      if (n > 0) {
        fewest = Math.min(fewest, Math.min(bounded, windows.count()));
      }
    }
    List<int[]> parts = new ArrayList<>();
    List<TokenReduction> reductions = new ArrayList<>();
    for (int t = 0; t < tiles.size(); t++) {
      parts.add(tokens.ofTile(t));
      reductions.add(tiles.get(t).merge(Math.min(fewest, tiles.get(t).count())));
    }
    return TokenReduction.ofParts(tokens.size(), parts, reductions);
  }

  /** Counts the windows of tiles without dropped tokens. */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    double size = tokens.features().cols();
    double windows = 0;
    for (int t = 0; t < tokens.tiles().size(); t++) {
      Tile tile = tokens.tiles().get(t);
      boolean whole = tokens.ofTile(t).length == tile.tokens();
      windows += whole ? (tile.rows() / window) * (tile.cols() / window) : 0;
    }
    // The mean cosine of a window: the squared norm of its sum minus those of its rows.
    double cosines = size * (3.0 * window * window + 2);
    return Operations.unitRows(tokens.size(), size) + windows * cosines;
  }

  /** The whole windows of one tile. */
  Windows windows(PatchTokens tokens, Tile tile) {
    int[] index = new int[tile.tokens()];
    Arrays.fill(index, -1);
    for (int i = 0; i < tokens.size(); i++) {
      TokenPosition position = tokens.positions().get(i);
      index[position.row() * tile.cols() + position.col()] = i;
    }
    List<int[]> whole = new ArrayList<>();
    for (int top = 0; top + window <= tile.rows(); top += window) {
      for (int left = 0; left + window <= tile.cols(); left += window) {
        int[] members = new int[window * window];
        boolean complete = true;
        for (int i = 0; i < members.length; i++) {
          members[i] = index[(top + i / window) * tile.cols() + left + i % window];
          complete &= members[i] >= 0;
        }
        if (complete) {
          whole.add(members);
        }
      }
    }
    return new Windows(tokens, whole);
  }

  /** Windows of one tile, the most similar first. */
  static final class Windows {
    private final PatchTokens tokens;
    private final List<int[]> ordered = new ArrayList<>();
    private final float[] likeness;

    private Windows(PatchTokens tokens, List<int[]> windows) {
      this.tokens = tokens;
      Matrix unit = tokens.features().unitRows();
      float[] unordered = new float[windows.size()];
      for (int w = 0; w < unordered.length; w++) {
        unordered[w] = meanCosine(unit.rows(windows.get(w)));
      }
      likeness = new float[unordered.length];
      int[] order = Ranking.descending(unordered);
      for (int i = 0; i < order.length; i++) {
        ordered.add(windows.get(order[i]));
        likeness[i] = unordered[order[i]];
      }
    }

    /**
     * Mean over all ordered pairs of different rows, from the squared norm of their sum, which is
     * the sum of these pairs and of the squares.
     */
    private static float meanCosine(Matrix unit) {
      double pairs = 0;
      for (float sum : unit.columnSums()) {
        pairs += (double) sum * sum;
      }
      for (float value : unit.data()) {
        pairs -= (double) value * value;
      }
      return (float) (pairs / ((double) unit.rows() * (unit.rows() - 1)));
    }

    int count() {
      return ordered.size();
    }

    int reaching(double threshold) {
      int reaching = 0;
      for (float value : likeness) {
        reaching += value >= threshold ? 1 : 0;
      }
      return reaching;
    }

    /** The tokens of one window; window 0 is the most similar. */
    int[] window(int w) {
      return ordered.get(w).clone();
    }

    private TokenReduction merge(int count) {
      int n = tokens.size();
      int[] windowOf = new int[n];
      Arrays.fill(windowOf, -1);
      for (int w = 0; w < count; w++) {
        for (int i : ordered.get(w)) {
          windowOf[i] = w;
        }
      }
      int[] representatives = new int[n - count * (count > 0 ? ordered.get(0).length - 1 : 0)];
      int[] group = new int[n];
      int next = 0;
      for (int i = 0; i < n; i++) {
        int w = windowOf[i];
        if (w < 0) {
          representatives[next] = i;
          group[i] = next++;
        } else if (i == ordered.get(w)[ordered.get(w).length / 2]) {
          // The centre represents the window.
          representatives[next] = i;
          for (int member : ordered.get(w)) {
            group[member] = next;
          }
          next++;
        }
      }
      return TokenReduction.merge(representatives, group, tokens.patches());
    }
  }
}
