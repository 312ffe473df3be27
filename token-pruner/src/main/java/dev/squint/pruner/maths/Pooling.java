package dev.squint.pruner.maths;

/** Smooths scores along the prompt. */
public final class Pooling {
  private Pooling() {}

  /** Mean of the scores in a window around each, [N]; zeros beyond the ends are included. */
  public static float[] mean(float[] scores, int kernel) {
    float[] means = new float[scores.length];
    for (int i = 0; i < scores.length; i++) {
      double sum = 0;
      for (int j = first(i, kernel); j <= last(i, kernel, scores.length); j++) {
        sum += scores[j];
      }
      means[i] = (float) (sum / kernel);
    }
    return means;
  }

  /** Maximum of the scores in a window around each, [N]. */
  public static float[] max(float[] scores, int kernel) {
    float[] highest = new float[scores.length];
    for (int i = 0; i < scores.length; i++) {
      highest[i] = scores[i];
      for (int j = first(i, kernel); j <= last(i, kernel, scores.length); j++) {
        highest[i] = Math.max(highest[i], scores[j]);
      }
    }
    return highest;
  }

  private static int first(int i, int kernel) {
    return Math.max(0, i - kernel / 2);
  }

  private static int last(int i, int kernel, int length) {
    return Math.min(length - 1, i + kernel / 2);
  }
}
