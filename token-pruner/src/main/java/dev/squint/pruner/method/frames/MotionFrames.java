package dev.squint.pruner.method.frames;

import dev.squint.pruner.Budget;
import dev.squint.pruner.FrameTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;

/**
 * Keeps frames that are evenly spaced by motion instead of time: more frames where more moves. With
 * a budget of two or more it always keeps the first and the last. Our own.
 *
 * @param rest motion that is added for each frame, as a share of the mean motion, at least 0; with
 *     0 static parts get no frames
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
      // Enough frames must remain for the rest of the budget.
      while (at < n - (count - k) && travelled[at] < wanted - 1e-9) {
        at++;
      }
      kept[k] = at++;
    }
    return TokenReduction.keep(n, kept);
  }

  /** Sums along the frames and a target for each kept frame; the motion is part of the input. */
  @Override
  public double operations(FrameTokens frames, Budget budget, TokenReduction decision) {
    return 3.0 * frames.size() + 2.0 * decision.after();
  }

  /** Accumulated motion up to each frame, including {@code rest} for each step. */
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
