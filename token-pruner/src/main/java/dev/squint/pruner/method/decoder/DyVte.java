package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.evidence.TextHidden;
import dev.squint.pruner.evidence.Trained;
import dev.squint.pruner.maths.Gelu;
import java.util.Set;

/**
 * Drops all visual tokens at the first point where a trained gate decides that the text no longer
 * needs them; before that keeps all. DyVTE (arXiv 2411.19628). There is one gate for each point of
 * the plan. Gates run only during prefill, and none after one has fired.
 */
public record DyVte() implements Pruner<LayerTokens> {
  private static final TextHidden TEXT = new TextHidden();
  private static final Trained WEIGHTS = new Trained("dyvte");

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(TEXT, WEIGHTS);
  }

  /** The budget is ignored: the gate decides between all and none. */
  @Override
  public TokenReduction reduce(LayerTokens tokens, Budget budget) {
    int n = tokens.size();
    TrainedWeights weights = tokens.evidence(WEIGHTS);
    Gate gate = new Gate(weights.matrix("hidden"), weights.matrix("output"));
    return leaves(gate.logits(feature(tokens.evidence(TEXT))))
        ? TokenReduction.keep(n, new int[0])
        : TokenReduction.keepAll(n);
  }

  /** The mean of the text and the two layers of the gate. */
  @Override
  public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
    Matrix text = tokens.evidence(TEXT);
    double between = tokens.evidence(WEIGHTS).matrix("hidden").rows();
    return (double) text.rows() * text.cols()
        + Operations.dots(1, between, 2.0 * text.cols())
        + Gelu.OPERATIONS * between
        + Operations.dots(1, 2, between);
  }

  /**
   * Input of the gate, [2 D]: mean of the text tokens after the picture except the last one, and
   * the last one.
   *
   * @param text hidden states of the text after the picture, [T, D], T at least 2
   */
  static float[] feature(Matrix text) {
    int before = text.rows() - 1;
    if (before < 1) {
      throw new IllegalArgumentException(
          "dyvte needs at least 2 text tokens after the picture but got  " + text.rows());
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

  /**
   * The gate of one layer.
   *
   * @param hidden [E, 2 D]
   * @param output [2, E]: logits of staying and of leaving
   */
  record Gate(Matrix hidden, Matrix output) {
    Gate {
      if (output.rows() != 2 || output.cols() != hidden.rows()) {
        throw new IllegalArgumentException(
            "a gate needs weights [E, 2 D] and [2, E] but got %s and %s".formatted(hidden, output));
      }
    }

    /** Logits of staying and of leaving, [2]: W2 gelu(W1 f). */
    float[] logits(float[] feature) {
      float[] between = hidden.timesTransposed(Matrix.of(feature)).data().clone();
      for (int e = 0; e < between.length; e++) {
        between[e] = (float) Gelu.of(between[e]);
      }
      return output.timesTransposed(Matrix.of(between)).data().clone();
    }
  }

  static boolean leaves(float[] logits) {
    return logits[0] < logits[1];
  }
}
