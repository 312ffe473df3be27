package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.FrameRelevance;
import dev.squint.pruner.maths.BipartiteMerge;
import dev.squint.pruner.maths.Resampling;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Divides the budget among frames by the square of their relevance to the question, and resizes
 * each frame to its share. Frames with less than one token are dropped. QuoTA (arXiv 2503.08689).
 *
 * <p>Shares are truncated, and most ways of resizing give a full grid, so fewer tokens than the
 * budget may remain. The authors' default, bilinear, would enlarge very relevant frames. Here a
 * frame is never enlarged: with bilinear its excess is lost, the other ways give it to the other
 * frames. A frame of several tiles divides its share by their tokens. A tile with dropped tokens is
 * treated as one line of tokens.
 *
 * @param resizing how a frame is resized to its share
 */
public record Quota(Resizing resizing) implements Pruner<PatchTokens> {
  private static final FrameRelevance RELEVANCE = new FrameRelevance();

  /** Ways of resizing; the authors' versions 1 to 5. */
  public enum Resizing {
    /** Bilinear interpolation to a grid. */
    BILINEAR,
    /** Means of windows, to a grid. */
    POOL,
    /** Evenly spaced tokens in reading order. */
    SPREAD,
    /** The most similar tokens merged, in rounds of bipartite matching. */
    MERGE,
    /** The same within each row and then within each column, to a grid. */
    MERGE_LINES
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(RELEVANCE);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    int n = tokens.size();
    int total = budget.tokens(n);
    if (total == n) {
      return TokenReduction.keepAll(n);
    }
    float[] relevance = tokens.evidence(RELEVANCE).row(0);
    int tiles = tokens.tiles().size();
    int[] sizes = IntStream.range(0, tiles).map(t -> tokens.ofTile(t).length).toArray();
    double[] weights = new double[tiles];
    for (int t = 0; t < tiles; t++) {
      weights[t] = sizes[t] == 0 ? 0 : relevance[tokens.tiles().get(t).frame()];
    }
    weights = weights(weights);
    if (resizing != Resizing.BILINEAR) {
      cap(weights, IntStream.of(sizes).mapToDouble(size -> (double) size / total).toArray());
    }
    int[] shares = budgets(weights, total);
    for (int t = 0; t < tiles; t++) {
      shares[t] = Math.min(shares[t], sizes[t]);
    }
    if (IntStream.of(shares).sum() == 0) {
      shares[heaviest(weights)] = 1;
    }
    return PerTile.reduce(
        tokens,
        shares,
        (tile, indices, share) -> {
          Tile grid = tokens.tiles().get(tile.positions().get(0).tile());
          boolean whole = tile.size() == grid.tokens();
          return resized(tile, whole ? grid.rows() : 1, whole ? grid.cols() : tile.size(), share);
        });
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    int size = tokens.features().cols();
    // Squares and shares of the relevance, caps and budgets.
    double budgets = 10.0 * tokens.tiles().size();
    return budgets
        + PerTile.operations(
            tokens,
            decision,
            (n, kept) ->
                switch (resizing) {
                  case BILINEAR -> 6.0 * kept;
                  case POOL, SPREAD -> kept;
                  case MERGE -> BipartiteMerge.operations(n, kept, size, false);
                  case MERGE_LINES -> MergedLines.operations(n, kept, size);
                });
  }

  private TokenReduction resized(PatchTokens tile, int rows, int cols, int share) {
    int[] shape = shape(share);
    int height = Math.min(shape[0], rows);
    int width = Math.min(height < shape[0] ? share / height : shape[1], cols);
    return switch (resizing) {
      case BILINEAR -> Resampling.bilinear(rows, cols, height, width).reduction();
      case POOL -> Resampling.pooled(rows, cols, height, width).reduction();
      case SPREAD -> TokenReduction.keep(tile.size(), spread(tile.size(), share));
      case MERGE -> merged(tile.features(), share).reduction();
      case MERGE_LINES -> new MergedLines(tile.features(), rows, cols, height, width).reduction();
    };
  }

  /** (100 p)^2, scaled to add up to 1; equal when all are 0, [frames]. */
  static double[] weights(double[] relevance) {
    double[] weights = new double[relevance.length];
    double sum = 0;
    for (int f = 0; f < weights.length; f++) {
      weights[f] = Math.pow(100 * relevance[f], 2);
      sum += weights[f];
    }
    for (int f = 0; f < weights.length; f++) {
      weights[f] = sum > 0 ? weights[f] / sum : 1.0 / weights.length;
    }
    return weights;
  }

  /**
   * Limits weights to their caps and gives the excess to the others, in one pass that may add to
   * the excess.
   */
  static void cap(double[] weights, double[] caps) {
    double excess = 0;
    double sum = 0;
    for (int f = 0; f < weights.length; f++) {
      excess += Math.max(0, weights[f] - caps[f]);
      weights[f] = Math.min(weights[f], caps[f]);
      sum += weights[f];
    }
    for (int f = 0; f < weights.length && sum > 0; f++) {
      if (weights[f] < caps[f]) {
        weights[f] += weights[f] / sum * excess;
        excess += Math.max(0, weights[f] - caps[f]);
        weights[f] = Math.min(weights[f], caps[f]);
      }
    }
  }

  /** The weights' shares of the total, truncated, [frames]. */
  static int[] budgets(double[] weights, int total) {
    return Arrays.stream(weights).mapToInt(weight -> (int) (total * weight)).toArray();
  }

  /** Height and width of the squarest grid for a budget. */
  static int[] shape(int budget) {
    int side = (int) Math.sqrt(budget);
    return new int[] {(side + 1) * side <= budget ? side + 1 : side, side};
  }

  /** {@code count} evenly spaced indices of n, truncated. */
  public static int[] spread(int n, int count) {
    return IntStream.range(0, count)
        .map(i -> count == 1 ? 0 : (int) ((long) i * (n - 1) / (count - 1)))
        .toArray();
  }

  static BipartiteMerge merged(Matrix features, int count) {
    int[] ones = new int[features.rows()];
    Arrays.fill(ones, 1);
    BipartiteMerge merge = new BipartiteMerge(features, ones, false, false);
    merge.mergeTo(count);
    return merge;
  }

  private static int heaviest(double[] weights) {
    int heaviest = 0;
    for (int f = 1; f < weights.length; f++) {
      heaviest = weights[f] > weights[heaviest] ? f : heaviest;
    }
    return heaviest;
  }
}
