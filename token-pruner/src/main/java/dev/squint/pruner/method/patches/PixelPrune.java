package dev.squint.pruner.method.patches;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.GroupPixels;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Leaves out groups of patches whose pixels their neighbours predict. PixelPrune (arXiv
 * 2604.00886).
 *
 * <p>The groups of a tile are read row by row. A group is predicted to look like its left
 * neighbour, or like the one above where an upright edge lies between them: the left one equals the
 * one above it, and the upper one differs from that (the rule of LOCO-I, applied to whole groups).
 * A neighbour that was left out stands for what it was predicted from, so the kept groups
 * reconstruct all others with an error of at most the threshold in any pixel. The first group of a
 * tile has no prediction.
 *
 * <p>With a budget the groups with the largest error of prediction are kept. A part of it can be
 * spent on evenly spaced groups, which is our own; then other errors may be larger than the
 * threshold.
 *
 * @param threshold largest difference of a pixel, as a share of the range of values in the request;
 *     0 leaves out exact repetitions only
 * @param spread share of the kept groups that is evenly spaced over each tile, rounded down
 */
public record PixelPrune(double threshold, double spread) implements Pruner<PatchGroups> {
  private static final GroupPixels PIXELS = new GroupPixels();

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException if the threshold is not in [0, 1) or the spread not in [0, 1]
   */
  public PixelPrune {
    PixelRange.checkShare("threshold", threshold);
    EvenShare.check(spread);
  }

  /** As in the paper. */
  public PixelPrune(double threshold) {
    this(threshold, 0);
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(PIXELS);
  }

  @Override
  public TokenReduction reduce(PatchGroups groups, Budget budget) {
    Matrix pixels = groups.evidence(PIXELS);
    float limit = threshold == 0 ? 0 : (float) (threshold * PixelRange.of(pixels));
    int n = groups.size();
    float[] errors = new float[n];
    int[] shown = new int[n];
    Map<TokenPosition, Integer> places = new HashMap<>();
    int unlike = 0;
    for (int i = 0; i < n; i++) {
      TokenPosition at = groups.positions().get(i);
      places.put(at, i);
      Integer left = places.get(place(at, 0, -1));
      Integer above = places.get(place(at, -1, 0));
      Integer corner = places.get(place(at, -1, -1));
      Integer from = left == null ? above : left;
      if (left != null && above != null && corner != null) {
        boolean upright =
            !differ(pixels, shown[left], shown[corner], limit)
                && differ(pixels, shown[above], shown[corner], limit);
        from = upright ? above : left;
      }
      errors[i] = from == null ? Float.POSITIVE_INFINITY : difference(pixels, i, shown[from]);
      boolean predicted = errors[i] <= limit;
      shown[i] = predicted && from != null ? shown[from] : i;
      unlike += predicted ? 0 : 1;
    }
    return EvenShare.keep(groups, errors, budget.tokens(n, unlike), spread);
  }

  private static TokenPosition place(TokenPosition at, int down, int across) {
    // A place outside the tile is that of no group: positions are never negative.
    return at.row() + down < 0 || at.col() + across < 0
        ? new TokenPosition(at.frame(), Integer.MAX_VALUE, 0, 0)
        : new TokenPosition(at.frame(), at.tile(), at.row() + down, at.col() + across);
  }

  /** Whether a pixel differs by more than the limit. */
  private static boolean differ(Matrix pixels, int one, int other, float limit) {
    float[] values = pixels.data();
    int width = pixels.cols();
    int from = one * width;
    int to = other * width;
    for (int i = 0; i < width; i++) {
      if (Math.abs(values[from + i] - values[to + i]) > limit) {
        return true;
      }
    }
    return false;
  }

  /** The largest difference of a pixel. */
  private static float difference(Matrix pixels, int one, int other) {
    // A loop over arrays, because all pixels of a picture are compared.
    float[] values = pixels.data();
    int width = pixels.cols();
    int from = one * width;
    int to = other * width;
    float most = 0;
    for (int i = 0; i < width; i++) {
      float difference = Math.abs(values[from + i] - values[to + i]);
      if (difference > most) {
        most = difference;
      }
    }
    return most;
  }

  /**
   * At most three differences of all pixels: from the prediction, and of its candidates from the
   * corner.
   */
  @Override
  public double operations(PatchGroups groups, Budget budget, TokenReduction decision) {
    return 3.0 * groups.size() * groups.evidence(PIXELS).cols();
  }
}
