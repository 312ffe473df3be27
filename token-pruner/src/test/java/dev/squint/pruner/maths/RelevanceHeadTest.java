package dev.squint.pruner.maths;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.TrainedWeights;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The head against its formula, written once more with plain loops in double precision. */
class RelevanceHeadTest {

  private static final int D = 3;
  private static final int E = 4;
  private static final int QUERIES = 2;
  private static final int SALIENCY = 2;
  private static final int MIXED = 3;

  private final Random random = new Random(11);
  private final Map<String, Matrix> weights = new LinkedHashMap<>();
  private final RelevanceHead head;

  RelevanceHeadTest() {
    norm("words.norm");
    norm("tokens.norm");
    linear("neighbours", E, 3 * D);
    linear("pooling", QUERIES, E);
    linear("query", E, E);
    linear("key", E, D);
    linear("saliency", SALIENCY, D);
    linear("mix", MIXED, QUERIES + SALIENCY);
    linear("out", 1, MIXED);
    head = new RelevanceHead(new TrainedWeights(weights));
  }

  private void norm(String name) {
    weights.put(name, drawn(2, D));
  }

  private void linear(String name, int rows, int cols) {
    weights.put(name, drawn(rows, cols));
    weights.put(name + ".bias", drawn(1, rows));
  }

  private Matrix drawn(int rows, int cols) {
    float[] values = new float[rows * cols];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new Matrix(rows, cols, values);
  }

  @Test
  void logitsAreThoseOfTheFormula() {
    Matrix tokens = drawn(5, D);
    Matrix words = drawn(3, D);

    float[] logits = head.logits(tokens, words);

    double[] query = query(words);
    assertThat(logits).hasSize(5);
    for (int j = 0; j < 5; j++) {
      // Sums of a few dozen floats around 1: their rounding stays far below this.
      assertThat((double) logits[j]).isCloseTo(logit(tokens, j, query), within(2e-5));
    }
  }

  @Test
  void withoutWords_theQueriesAreZero() {
    Matrix tokens = drawn(2, D);

    float[] logits = head.logits(tokens, new Matrix(0, D, new float[0]));

    assertThat((double) logits[1]).isCloseTo(logit(tokens, 1, new double[E]), within(2e-5));
  }

  /** Counted by hand: 570 for the question's three words, 380 for the tokens, 245 for both. */
  @Test
  void operationsAreThoseOfTheFormula() {
    assertThat(head.operations(5, 3)).isEqualTo(1195);
  }

  private double logit(Matrix tokens, int token, double[] query) {
    double[] normed = normed(tokens, token, "tokens.norm");
    double[] keys = times("key", normed);
    double[] saliency = times("saliency", normed);
    double[] known = new double[QUERIES + SALIENCY];
    for (int q = 0; q < QUERIES; q++) {
      for (int c = 0; c < E / QUERIES; c++) {
        known[q] += query[q * E / QUERIES + c] * keys[q * E / QUERIES + c];
      }
      known[q] /= Math.sqrt(E / (double) QUERIES);
    }
    System.arraycopy(saliency, 0, known, QUERIES, SALIENCY);
    return times("out", gelu(times("mix", known)))[0];
  }

  private double[] query(Matrix words) {
    double[] query = new double[E];
    for (int q = 0; q < QUERIES; q++) {
      double sum = 0;
      double[] weighted = new double[E];
      for (int t = 0; t < words.rows(); t++) {
        double[] three = new double[3 * D];
        for (int k = 0; k < 3; k++) {
          int from = t + k - 1;
          if (from >= 0 && from < words.rows()) {
            System.arraycopy(normed(words, from, "words.norm"), 0, three, k * D, D);
          }
        }
        double[] neighbours = gelu(times("neighbours", three));
        double share = Math.exp(times("pooling", neighbours)[q]);
        sum += share;
        double[] values = times("query", neighbours);
        for (int c = 0; c < E; c++) {
          weighted[c] += share * values[c];
        }
      }
      for (int c = q * E / QUERIES; c < (q + 1) * E / QUERIES; c++) {
        query[c] = weighted[c] / sum;
      }
    }
    return query;
  }

  private double[] normed(Matrix rows, int row, String name) {
    double mean = 0;
    double square = 0;
    for (int c = 0; c < D; c++) {
      mean += rows.get(row, c) / (double) D;
      square += rows.get(row, c) * (double) rows.get(row, c) / D;
    }
    double[] normed = new double[D];
    for (int c = 0; c < D; c++) {
      double scaled = (rows.get(row, c) - mean) / Math.sqrt(square - mean * mean + 1e-5);
      normed[c] = scaled * weight(name).get(0, c) + weight(name).get(1, c);
    }
    return normed;
  }

  private double[] times(String name, double[] row) {
    Matrix weight = weight(name);
    double[] product = new double[weight.rows()];
    for (int i = 0; i < product.length; i++) {
      product[i] = weight(name + ".bias").get(0, i);
      for (int c = 0; c < row.length; c++) {
        product[i] += weight.get(i, c) * row[c];
      }
    }
    return product;
  }

  private Matrix weight(String name) {
    return requireNonNull(weights.get(name));
  }

  private static double[] gelu(double[] row) {
    double[] values = new double[row.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Gelu.of(row[i]);
    }
    return values;
  }
}
