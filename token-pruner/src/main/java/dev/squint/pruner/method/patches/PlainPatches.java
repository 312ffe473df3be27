package dev.squint.pruner.method.patches;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.GroupPixels;
import java.util.Set;

/**
 * Leaves out groups of patches of nearly one colour. Our own; {@code skip-plain} does the same with
 * crops.
 *
 * <p>With a budget the groups with the largest range of values are kept.
 *
 * @param tolerance largest range of the values of a plain group, in any colour, as a share of the
 *     range of all values in the request
 * @param spread share of the kept groups that is evenly spaced over each tile, rounded down
 */
public record PlainPatches(double tolerance, double spread) implements Pruner<PatchGroups> {
  private static final GroupPixels PIXELS = new GroupPixels();
  private static final int COLOURS = 3;

  /**
   * Checks the settings.
   *
   * @throws IllegalArgumentException if the tolerance is not in [0, 1) or the spread not in [0, 1]
   */
  public PlainPatches {
    PixelRange.checkShare("tolerance", tolerance);
    EvenShare.check(spread);
  }

  /** Without evenly spaced groups. */
  public PlainPatches(double tolerance) {
    this(tolerance, 0);
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(PIXELS);
  }

  @Override
  public TokenReduction reduce(PatchGroups groups, Budget budget) {
    Matrix pixels = groups.evidence(PIXELS);
    float limit = (float) (tolerance * PixelRange.of(pixels));
    int n = groups.size();
    float[] ranges = new float[n];
    int varied = 0;
    for (int i = 0; i < n; i++) {
      ranges[i] = range(pixels, i);
      varied += ranges[i] > limit ? 1 : 0;
    }
    return EvenShare.keep(groups, ranges, budget.tokens(n, Math.max(1, varied)), spread);
  }

  /** The largest range over the colours, each of which has a third of the values. */
  private static float range(Matrix pixels, int group) {
    int plane = Math.max(1, pixels.cols() / COLOURS);
    float range = 0;
    for (int from = 0; from + plane <= pixels.cols(); from += plane) {
      float least = Float.POSITIVE_INFINITY;
      float most = Float.NEGATIVE_INFINITY;
      for (int i = from; i < from + plane; i++) {
        least = Math.min(least, pixels.get(group, i));
        most = Math.max(most, pixels.get(group, i));
      }
      range = Math.max(range, most - least);
    }
    return range;
  }

  /** A difference for each colour, the range of all values and the limit. */
  @Override
  public double operations(PatchGroups groups, Budget budget, TokenReduction decision) {
    return (double) COLOURS * groups.size() + 2;
  }
}
