package dev.squint.pruner.maths;

/** The formulas of FlowCut (arXiv 2505.19536). */
public final class InformationFlow {

  /** Share of the score before, in the score that is carried on. */
  private static final float CARRIED = 0.5f;

  private InformationFlow() {}

  /**
   * Scores of the patches of a tile in one layer, [N].
   *
   * @param attention of the CLS token to each patch, mean over the heads, [N]
   * @param likeness softmax over all rows of the dot product of the CLS token's value with each
   *     patch's, mean over the heads, [N]
   * @param lengths sum of the absolute values of each patch's value, mean over the heads first, [N]
   */
  public static float[] scores(float[] attention, float[] likeness, float[] lengths) {
    float ofAttention = sum(attention);
    float ofLikeness = sum(likeness);
    float[] scores = new float[lengths.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (attention[i] / ofAttention + likeness[i] / ofLikeness) * lengths[i];
    }
    return scores;
  }

  /**
   * Scores in an encoder without a CLS token, [N].
   *
   * @param attention of the mean query to each patch, mean over the heads, [N]
   * @param lengths as in {@link #scores(float[], float[], float[])}
   */
  public static float[] scores(float[] attention, float[] lengths) {
    float[] scores = new float[lengths.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = attention[i] * lengths[i];
    }
    return scores;
  }

  /** The score that is carried on: a half of the one before and a half of the layer's own. */
  public static float carried(float before, float now) {
    return CARRIED * before + (1 - CARRIED) * now;
  }

  /**
   * The share of the tokens still to drop that are dropped at once, in [0, 1]: (1 - h^2) /
   * sqrt(later), with h the entropy of the attention as a share of the largest one.
   *
   * @param attention to the tokens, [N]
   * @param later layers that run until the last decision, at least 1
   */
  public static double share(float[] attention, int later) {
    if (attention.length < 2) {
      return 0;
    }
    double sum = sum(attention);
    double entropy = 0;
    for (float value : attention) {
      double part = value / sum;
      // A part of 0 adds nothing.
      entropy -= part > 0 ? part * Math.log(part) : 0;
    }
    double ratio = entropy / Math.log(attention.length);
    return Math.max(0, 1 - ratio * ratio) / Math.sqrt(later);
  }

  private static float sum(float[] values) {
    float sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }
}
