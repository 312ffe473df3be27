package dev.squint.pruner.method.patches;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.GroupPixels;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Leaves out groups of patches that show the same as an earlier group of any tile, picture or
 * frame. Our own.
 *
 * <p>With bounds such as {@code keep=0.2..0.5} duplicates fill up to the lower one, and the latest
 * groups go above the upper one.
 *
 * @param tolerance largest mean difference of the pixels of duplicates, as a share of the range of
 *     all values in the request; 0 leaves out exact repetitions only
 */
public record Duplicates(double tolerance) implements Pruner<PatchGroups> {
  private static final GroupPixels PIXELS = new GroupPixels();

  public Duplicates {
    PixelRange.checkShare("tolerance", tolerance);
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(PIXELS);
  }

  @Override
  public TokenReduction reduce(PatchGroups groups, Budget budget) {
    Matrix pixels = groups.evidence(PIXELS);
    double limit = tolerance * PixelRange.of(pixels);
    int n = groups.size();
    float[] firsts = new float[n];
    List<Integer> known = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int group = i;
      if (known.stream().noneMatch(other -> same(groups, pixels, group, other, limit))) {
        firsts[i] = 1;
        known.add(i);
      }
    }
    return TokenReduction.keep(n, Ranking.top(firsts, budget.tokens(n, known.size())));
  }

  private static boolean same(PatchGroups groups, Matrix pixels, int one, int other, double limit) {
    // The difference of the means is at most the mean difference, and is known already.
    for (int colour = 0; colour < groups.features().cols(); colour++) {
      double means = groups.features().get(one, colour) - groups.features().get(other, colour);
      if (Math.abs(means) > 3 * limit + 1e-4) {
        return false;
      }
    }
    double sum = 0;
    double most = limit * pixels.cols();
    for (int i = 0; i < pixels.cols(); i++) {
      sum += Math.abs(pixels.get(one, i) - pixels.get(other, i));
      if (sum > most) {
        return false;
      }
    }
    return true;
  }

  /** The difference of the means, and a difference and a sum of each value, for each pair. */
  @Override
  public double operations(PatchGroups groups, Budget budget, TokenReduction decision) {
    double kept = decision.after();
    double pairs = groups.size() * kept - kept * (kept + 1) / 2;
    return pairs * (3 + 2.0 * groups.evidence(PIXELS).cols());
  }
}
