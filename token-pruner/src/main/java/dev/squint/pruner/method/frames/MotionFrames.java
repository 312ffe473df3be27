package dev.squint.pruner.method.frames;

import dev.squint.pruner.Budget;
import dev.squint.pruner.FrameTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;

/**
 * Looks at frames in even distances of motion instead of time: many where much moves, few where
 * little does, the first and the last always if there are two. Our own.
 *
 * @param rest motion that a frame counts for in which nothing moves, as a share of the mean motion,
 *     at least 0; without it, still parts would not be looked at
 */
public record MotionFrames(double rest) implements Pruner<FrameTokens> {

  public MotionFrames {
    if (!(rest >= 0) || Double.isInfinite(rest)) {
      throw new IllegalArgumentException("rest must be 0 or more but was " + rest);
    }
  }

  @Override
  public TokenReduction reduce(FrameTokens frames, Budget budget) {
    int n = frames.size();
    int count = budget.tokens(n);
    double[] travelled = travelled(frames.motion());
    int[] kept = new int[count];
    int at = 0;
    for (int k = 0; k < count; k++) {
      double wanted = count == 1 ? 0 : travelled[n - 1] * k / (count - 1);
      // Enough frames must be left for the rest of the budget.
      while (at < n - (count - k) && travelled[at] < wanted - 1e-9) {
        at++;
      }
      kept[k] = at++;
    }
    return TokenReduction.keep(n, kept);
  }

  /**
   * Sums along the frames and a place for each that is looked at; the motion itself is what the
   * clip shows.
   */
  @Override
  public double operations(FrameTokens frames, Budget budget, TokenReduction decision) {
    return 3.0 * frames.size() + 2.0 * decision.after();
  }

  /** Motion up to each frame, with a little for each step. */
  private double[] travelled(float[] motion) {
    double sum = 0;
    for (float step : motion) {
      sum += step;
    }
    double least = sum > 0 ? rest * sum / motion.length : 1;
    double[] travelled = new double[motion.length];
    for (int f = 1; f < motion.length; f++) {
      travelled[f] = travelled[f - 1] + motion[f] + least;
    }
    return travelled;
  }
}
