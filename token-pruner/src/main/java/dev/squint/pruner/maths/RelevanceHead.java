package dev.squint.pruner.maths;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.TrainedWeights;

/**
 * A small trained network that scores the relevance of each visual token to a question, before the
 * decoder runs. Our own method. Each word with its two neighbours gives one value for each of
 * several queries. Each query is the mean of these values, weighted by a softmax over the words. A
 * token's logit depends on its dot products with the queries and on its own features.
 */
public final class RelevanceHead {
  private static final double EPSILON = 1e-5;

  private final TrainedWeights weights;
  private final int queries;

  /**
   * Creates the head from the weights of a package.
   *
   * @param weights {@code words.norm} and {@code tokens.norm} [2, D], gain and shift; {@code
   *     neighbours} [E, 3 D], for the word before, the word and the word after it; {@code pooling}
   *     [Q, E]; {@code query} [E, E], Q queries of E / Q values; {@code key} [E, D]; {@code
   *     saliency} [F, D]; {@code mix} [G, Q + F]; {@code out} [1, G]; and for each of the names
   *     after the norms a vector with the suffix {@code .bias}
   */
  public RelevanceHead(TrainedWeights weights) {
    this.weights = weights;
    this.queries = weights.matrix("pooling").rows();
  }

  /**
   * A logit for each visual token, [N]; their softmax predicts which tokens the answer depends on.
   *
   * @param tokens visual tokens as the decoder receives them, [N, D]
   * @param words embeddings of the question, [T, D]
   */
  public float[] logits(Matrix tokens, Matrix words) {
    Matrix normed = normed(tokens, weights.matrix("tokens.norm"));
    Matrix keys = linear("key", normed);
    Matrix saliency = linear("saliency", normed);
    float[] query = query(words);
    int size = query.length / queries;
    float scale = (float) (1 / Math.sqrt(size));
    int width = queries + saliency.cols();
    float[] known = new float[tokens.rows() * width];
    for (int j = 0; j < tokens.rows(); j++) {
      for (int q = 0; q < queries; q++) {
        float dot = 0;
        for (int c = q * size; c < (q + 1) * size; c++) {
          dot += query[c] * keys.get(j, c);
        }
        known[j * width + q] = dot * scale;
      }
      System.arraycopy(
          saliency.data(), j * saliency.cols(), known, j * width + queries, saliency.cols());
    }
    return linear("out", gelu(linear("mix", new Matrix(tokens.rows(), width, known)))).data();
  }

  /** Number of {@link Operations} of the logits, with 8 for each value of a norm. */
  public double operations(int tokens, int words) {
    double size = weights.matrix("query").rows();
    double mixed = weights.matrix("mix").rows();
    double query =
        8.0 * words * weights.matrix("words.norm").cols()
            + linearOperations("neighbours", words)
            + Gelu.OPERATIONS * words * size
            + linearOperations("query", words)
            + linearOperations("pooling", words)
            + Operations.softmax(queries, words)
            + 2 * words * size;
    double ofTokens =
        8.0 * tokens * weights.matrix("tokens.norm").cols()
            + linearOperations("key", tokens)
            + linearOperations("saliency", tokens)
            + Operations.dots(tokens, 1, size)
            + (double) tokens * queries;
    double together =
        linearOperations("mix", tokens)
            + Gelu.OPERATIONS * tokens * mixed
            + linearOperations("out", tokens);
    return query + ofTokens + together;
  }

  private double linearOperations(String name, double rows) {
    Matrix weight = weights.matrix(name);
    return Operations.dots(rows, weight.rows(), weight.cols()) + rows * weight.rows();
  }

  /** All queries concatenated, [E]; zeros for a question without words. */
  private float[] query(Matrix words) {
    Matrix neighbours = gelu(linear("neighbours", withNeighbours(words)));
    Matrix values = linear("query", neighbours);
    Matrix logits = linear("pooling", neighbours);
    float[] query = new float[values.cols()];
    int size = query.length / queries;
    for (int q = 0; q < queries; q++) {
      double[] shares = softmaxOfColumn(logits, q);
      for (int t = 0; t < shares.length; t++) {
        for (int c = q * size; c < (q + 1) * size; c++) {
          query[c] += (float) (shares[t] * values.get(t, c));
        }
      }
    }
    return query;
  }

  /** Each word with the previous and the next one, zeros at the ends, [T, 3 D]. */
  private Matrix withNeighbours(Matrix words) {
    Matrix normed = normed(words, weights.matrix("words.norm"));
    int d = normed.cols();
    float[] three = new float[normed.rows() * 3 * d];
    for (int t = 0; t < normed.rows(); t++) {
      for (int k = 0; k < 3; k++) {
        int from = t + k - 1;
        if (from >= 0 && from < normed.rows()) {
          System.arraycopy(normed.data(), from * d, three, (t * 3 + k) * d, d);
        }
      }
    }
    return new Matrix(normed.rows(), 3 * d, three);
  }

  private Matrix linear(String name, Matrix rows) {
    Matrix product = rows.timesTransposed(weights.matrix(name));
    float[] bias = weights.vector(name + ".bias");
    float[] sums = product.data().clone();
    for (int i = 0; i < sums.length; i++) {
      sums[i] += bias[i % bias.length];
    }
    return new Matrix(product.rows(), product.cols(), sums);
  }

  private static Matrix gelu(Matrix rows) {
    float[] values = rows.data().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Gelu.of(values[i]);
    }
    return new Matrix(rows.rows(), rows.cols(), values);
  }

  private static double[] softmaxOfColumn(Matrix logits, int column) {
    return Softmax.of(logits.rows(), 1, t -> logits.get(t, column));
  }

  private static Matrix normed(Matrix rows, Matrix gainAndShift) {
    float[] normed = new float[rows.data().length];
    int d = rows.cols();
    for (int r = 0; r < rows.rows(); r++) {
      double mean = 0;
      for (int c = 0; c < d; c++) {
        mean += rows.get(r, c);
      }
      mean /= d;
      double variance = 0;
      for (int c = 0; c < d; c++) {
        variance += (rows.get(r, c) - mean) * (rows.get(r, c) - mean);
      }
      double scale = 1 / Math.sqrt(variance / d + EPSILON);
      for (int c = 0; c < d; c++) {
        normed[r * d + c] =
            (float)
                ((rows.get(r, c) - mean) * scale * gainAndShift.get(0, c) + gainAndShift.get(1, c));
      }
    }
    return new Matrix(rows.rows(), d, normed);
  }
}
