package dev.squint.pruner.maths;

/** The Gaussian error linear unit, x (1 + erf(x / sqrt 2)) / 2, without the tanh approximation. */
public final class Gelu {
  private Gelu() {}

  /** Number of {@link dev.squint.pruner.Operations}; the error function counts as one. */
  public static final double OPERATIONS = 5;

  public static double of(double x) {
    return x * 0.5 * (1 + erf(x / Math.sqrt(2)));
  }

  /** The error function, by its series or, where that is faster, by its continued fraction. */
  private static double erf(double x) {
    double size = Math.abs(x);
    if (size > 3) {
      double fraction = 0;
      for (int k = 60; k >= 1; k--) {
        fraction = k / 2.0 / (size + fraction);
      }
      double tail = Math.exp(-size * size) / Math.sqrt(Math.PI) / (size + fraction);
      return Math.copySign(1 - tail, x);
    }
    double term = size;
    double sum = size;
    for (int k = 1; k < 60; k++) {
      term *= -size * size / k;
      sum += term / (2 * k + 1);
    }
    return Math.copySign(2 / Math.sqrt(Math.PI) * sum, x);
  }
}
