package dev.squint.llm;

import dev.squint.pruner.Point;
import dev.squint.pruner.TokenReduction;
import java.util.Arrays;
import java.util.Optional;

/**
 * The reduction of the visual tokens at one point of a plan, with its scores.
 *
 * @param point where
 * @param reduction of the visual tokens of all tiles, [N], those that left at earlier points
 *     included
 * @param scores for each of these tokens, [N], NaN for those that were not scored here; empty where
 *     the method does not score tokens one by one
 */
public record PointReport(Point point, TokenReduction reduction, Optional<float[]> scores) {

  /**
   * Places the scores of the tokens that are left, [N'], among those of all tiles.
   *
   * @param before the reduction of the tokens of all tiles before this point
   */
  static PointReport of(
      Point point, TokenReduction before, TokenReduction after, Optional<float[]> scores) {
    return new PointReport(point, after, scores.map(left -> spread(left, before)));
  }

  private static float[] spread(float[] left, TokenReduction before) {
    float[] all = new float[before.before()];
    Arrays.fill(all, Float.NaN);
    int[] kept = before.kept();
    for (int i = 0; i < kept.length; i++) {
      all[kept[i]] = left[i];
    }
    return all;
  }
}
