package dev.squint.pruner.method.patches;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.GroupPixels;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out groups of patches that have not changed since the previous frame of a clip, so that a
 * static group is encoded once. Our own; {@code static-patches} drops the same tokens after the
 * encoder.
 *
 * <p>With a budget the groups that changed most are kept; those of the first frame come first.
 *
 * @param tolerance largest mean difference of the pixels of a static group, as a share of the range
 *     of all values in the request
 */
public record StaticGroups(double tolerance) implements Pruner<PatchGroups> {
  private static final GroupPixels PIXELS = new GroupPixels();

  public StaticGroups {
    PixelRange.checkShare("tolerance", tolerance);
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(PIXELS);
  }

  private record Place(int frame, Tile.@Nullable Crop crop, int row, int col) {}

  @Override
  public TokenReduction reduce(PatchGroups groups, Budget budget) {
    Matrix pixels = groups.evidence(PIXELS);
    double limit = tolerance * PixelRange.of(pixels);
    int n = groups.size();
    Map<Place, Integer> places = new HashMap<>();
    for (int i = 0; i < n; i++) {
      places.put(place(groups, i, 0), i);
    }
    float[] changes = new float[n];
    // What a group that is left out stands for, so that slow changes add up.
    int[] shown = new int[n];
    int changed = 0;
    for (int i = 0; i < n; i++) {
      Integer before = places.get(place(groups, i, 1));
      changes[i] = before == null ? Float.POSITIVE_INFINITY : difference(pixels, i, shown[before]);
      boolean same = before != null && changes[i] <= limit;
      shown[i] = same && before != null ? shown[before] : i;
      changed += same ? 0 : 1;
    }
    return TokenReduction.keep(n, Ranking.top(changes, budget.tokens(n, changed)));
  }

  private static Place place(PatchGroups groups, int group, int framesBefore) {
    TokenPosition at = groups.positions().get(group);
    return new Place(
        at.frame() - framesBefore, groups.tiles().get(at.tile()).crop(), at.row(), at.col());
  }

  private static float difference(Matrix pixels, int one, int other) {
    double sum = 0;
    for (int i = 0; i < pixels.cols(); i++) {
      sum += Math.abs(pixels.get(one, i) - pixels.get(other, i));
    }
    return (float) (sum / pixels.cols());
  }

  /** A difference and a sum of each value. */
  @Override
  public double operations(PatchGroups groups, Budget budget, TokenReduction decision) {
    return 2.0 * groups.size() * groups.evidence(PIXELS).cols();
  }
}
