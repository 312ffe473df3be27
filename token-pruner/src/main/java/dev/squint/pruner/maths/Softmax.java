package dev.squint.pruner.maths;

import java.util.function.IntToDoubleFunction;

/** Softmax in double precision. */
public final class Softmax {

  private Softmax() {}

  /**
   * Shares [n] that add up to 1: exp(logit / temperature), divided by their sum.
   *
   * @param logit logit of each of the n
   */
  public static double[] of(int n, double temperature, IntToDoubleFunction logit) {
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      highest = Math.max(highest, logit.applyAsDouble(i));
    }
    double[] shares = new double[n];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      shares[i] = Math.exp((logit.applyAsDouble(i) - highest) / temperature);
      sum += shares[i];
    }
    for (int i = 0; i < n; i++) {
      shares[i] /= sum;
    }
    return shares;
  }

  /** The same of logits [n], in single precision. */
  public static float[] shares(float[] logits, double temperature) {
    double[] shares = of(logits.length, temperature, i -> logits[i]);
    float[] single = new float[logits.length];
    for (int i = 0; i < single.length; i++) {
      single[i] = (float) shares[i];
    }
    return single;
  }
}
