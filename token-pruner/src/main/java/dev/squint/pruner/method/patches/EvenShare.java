package dev.squint.pruner.method.patches;

import dev.squint.pruner.Budget;
import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.method.baseline.UniformGrid;
import java.util.stream.IntStream;

/**
 * Spends a part of a budget on evenly spaced groups, and the rest on those with the highest scores.
 * A score of pixels says nothing about the inside of a plain shape, and its colour is lost if no
 * group of it is encoded.
 */
final class EvenShare {
  private EvenShare() {}

  /**
   * Chooses groups.
   *
   * @param scores of the groups, [N]
   * @param count number of groups to keep
   * @param share of the count that is evenly spaced, rounded down
   */
  static TokenReduction keep(PatchGroups groups, float[] scores, int count, double share) {
    int even = (int) (share * count);
    if (even == 0) {
      return TokenReduction.keep(groups.size(), Ranking.top(scores, count));
    }
    int[] spaced = new UniformGrid().reduce(groups, Budget.count(even)).kept();
    float[] others = scores.clone();
    for (int group : spaced) {
      others[group] = Float.NaN; // Worse than any score.
    }
    int[] best = Ranking.top(others, count - even);
    return TokenReduction.keep(
        groups.size(),
        IntStream.concat(IntStream.of(spaced), IntStream.of(best)).sorted().toArray());
  }

  /**
   * Checks a share.
   *
   * @throws IllegalArgumentException if it is not in [0, 1]
   */
  static void check(double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("spread must be in [0, 1] but was " + share);
    }
  }
}
