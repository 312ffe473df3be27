package dev.squint.pruner.method;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import java.util.Set;

/**
 * Drops all visual tokens once a trained gate finds that the text has taken up what it needs; until
 * then keeps all. DyVTE (arXiv 2411.19628). Weights come from the caller, one gate for each layer;
 * gates are asked during prefill alone, and none after one has fired.
 */
public final class DyVte implements Pruner<LayerTokens> {
  private static final Evidence.TextHidden TEXT = new Evidence.TextHidden();
  private final Matrix hidden;
  private final Matrix output;

  /**
   * @param hidden [E, 2 D]
   * @param output [2, E]: logits of staying and of leaving
   */
  public DyVte(Matrix hidden, Matrix output) {
    if (output.rows() != 2 || output.cols() != hidden.rows()) {
      throw new IllegalArgumentException(
          "a gate has weights [E, 2 D] and [2, E] but was given %s and %s"
              .formatted(hidden, output));
    }
    this.hidden = hidden;
    this.output = output;
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(TEXT);
  }

  /** The budget does not matter: the gate decides between all and none. */
  @Override
  public TokenReduction reduce(LayerTokens tokens, Budget budget) {
    int n = tokens.size();
    return leaves(logits(feature(tokens.evidence(TEXT))))
        ? TokenReduction.keep(n, new int[0])
        : TokenReduction.keepAll(n);
  }

  /**
   * What the gate reads, [2 D]: mean of the text after the picture but its last token, and the last
   * token.
   *
   * @param text hidden states of the text after the picture, [T, D], T at least 2
   */
  static float[] feature(Matrix text) {
    int before = text.rows() - 1;
    if (before < 1) {
      throw new IllegalArgumentException(
          "the gate needs at least 2 text tokens after the picture but there are " + text.rows());
    }
    float[] feature = new float[2 * text.cols()];
    for (int c = 0; c < text.cols(); c++) {
      double sum = 0;
      for (int t = 0; t < before; t++) {
        sum += text.get(t, c);
      }
      feature[c] = (float) (sum / before);
      feature[text.cols() + c] = text.get(before, c);
    }
    return feature;
  }

  /** Logits of staying and of leaving, [2]: W2 gelu(W1 f). */
  float[] logits(float[] feature) {
    float[] between = hidden.timesTransposed(Matrix.of(feature)).data().clone();
    for (int e = 0; e < between.length; e++) {
      between[e] = (float) (between[e] * 0.5 * (1 + erf(between[e] / Math.sqrt(2))));
    }
    return output.timesTransposed(Matrix.of(between)).data().clone();
  }

  static boolean leaves(float[] logits) {
    return logits[0] < logits[1];
  }

  /** The error function by its series, or by its continued fraction where that is faster. */
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
