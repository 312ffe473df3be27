package dev.squint.pruner;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Which of S tokens a layer processes, and the weight of each in the layer's output ({@link
 * #combine}).
 *
 * @param processed tokens that the layer processes, ascending, [S']
 * @param weights [S]: for a processed token the weight of its MLP branch, for a skipped token the
 *     weight of its input
 * @param continuation how the layer numbers the positions of processed tokens
 */
public record Routing(int[] processed, float[] weights, Continuation continuation) {
  public Routing {
    processed = processed.clone();
    weights = weights.clone();
  }

  /** The layer processes all tokens, as without a router. */
  public static Routing everything(int tokens) {
    float[] weights = new float[tokens];
    Arrays.fill(weights, 1);
    return new Routing(IntStream.range(0, tokens).toArray(), weights, Continuation.KEEP_POSITIONS);
  }

  @Override
  public int[] processed() {
    return processed.clone();
  }

  @Override
  public float[] weights() {
    return weights.clone();
  }

  /** Whether all weights are 1, so that skipped tokens stay as they are. */
  public boolean isUnweighted() {
    for (float weight : weights) {
      if (weight != 1) {
        return false;
      }
    }
    return true;
  }

  /** The layer's output, [S, D], where all weights are 1: of processed tokens that of the layer. */
  public Matrix scattered(Matrix input, Matrix output) {
    int cols = input.cols();
    float[] all = input.data().clone();
    for (int k = 0; k < processed.length; k++) {
      System.arraycopy(output.data(), k * cols, all, processed[k] * cols, cols);
    }
    return new Matrix(input.rows(), cols, all);
  }

  /** Number of {@link Operations} of {@link #combine} for rows of this width. */
  public double operations(int cols) {
    return cols * (2.0 * processed.length + (weights.length - processed.length));
  }

  /**
   * The layer's output, [S, D]: residual + weight * mlp for a processed token, weight * input for a
   * skipped one.
   *
   * @param input input of the layer, [S, D]
   * @param residual the processed tokens after attention, [S', D]
   * @param mlp output of the MLP for the processed tokens, [S', D]
   */
  public Matrix combine(Matrix input, Matrix residual, Matrix mlp) {
    int cols = input.cols();
    float[] output = new float[input.rows() * cols];
    for (int i = 0; i < input.rows(); i++) {
      for (int c = 0; c < cols; c++) {
        output[i * cols + c] = weights[i] * input.get(i, c);
      }
    }
    for (int k = 0; k < processed.length; k++) {
      int i = processed[k];
      for (int c = 0; c < cols; c++) {
        output[i * cols + c] = residual.get(k, c) + weights[i] * mlp.get(k, c);
      }
    }
    return new Matrix(input.rows(), cols, output);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Routing routing
        && Arrays.equals(processed, routing.processed)
        && Arrays.equals(weights, routing.weights)
        && continuation == routing.continuation;
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(processed) + Arrays.hashCode(weights);
  }

  @Override
  public String toString() {
    return "Routing[%d of %d tokens, %s]".formatted(processed.length, weights.length, continuation);
  }
}
