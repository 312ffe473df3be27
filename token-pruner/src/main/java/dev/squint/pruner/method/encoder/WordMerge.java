package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import java.util.Arrays;

/**
 * Merges tokens into a few targets by the words that both are like: VisionTrim (arXiv 2601.22674),
 * text-guided complement.
 *
 * <p>In each round every token joins the target with the largest sum over the words of the products
 * of both cosines to the word; then the mean of the tokens that joined is added to the target.
 */
final class WordMerge {
  private final Matrix features;
  private final Matrix words;
  private final int[] others;
  private final double[][] weights;
  private final int[] joined;

  /**
   * The targets before the first round.
   *
   * @param features of the tokens of a tile, [N, D]
   * @param words of length 1, [T, D]
   * @param targets tokens that others join, [m]
   * @param others tokens that join one, [n]
   */
  WordMerge(Matrix features, Matrix words, int[] targets, int[] others) {
    this.features = features;
    this.words = words;
    this.others = others.clone();
    weights = new double[targets.length][features.rows()];
    for (int m = 0; m < targets.length; m++) {
      weights[m][targets[m]] = 1;
    }
    joined = new int[others.length];
  }

  /** Runs some rounds. */
  void run(int rounds) {
    Matrix likeness = features.rows(others).unitRows().timesTransposed(words);
    for (int round = 0; round < rounds; round++) {
      Matrix sums = likeness.timesTransposed(merged().unitRows().timesTransposed(words));
      int[] sizes = new int[weights.length];
      for (int i = 0; i < others.length; i++) {
        joined[i] = largest(sums.row(i));
        sizes[joined[i]]++;
      }
      for (int i = 0; i < others.length; i++) {
        weights[joined[i]][others[i]] += 1.0 / sizes[joined[i]];
      }
    }
  }

  /** The target that each of the others joined last, [n]. */
  int[] joined() {
    return joined.clone();
  }

  /** Weight of each token in each target, [m, N]; the target's own is 1. */
  double[][] weights() {
    return weights;
  }

  private Matrix merged() {
    int size = features.cols();
    float[] merged = new float[weights.length * size];
    double[] sum = new double[size];
    for (int m = 0; m < weights.length; m++) {
      Arrays.fill(sum, 0);
      for (int i = 0; i < features.rows(); i++) {
        for (int c = 0; weights[m][i] != 0 && c < size; c++) {
          sum[c] += weights[m][i] * features.get(i, c);
        }
      }
      for (int c = 0; c < size; c++) {
        merged[m * size + c] = (float) sum[c];
      }
    }
    return new Matrix(weights.length, size, merged);
  }

  /** Index of the largest; the first of equal ones. */
  private static int largest(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  /**
   * {@link Operations}: cosines of the targets and the products with those of the others, and from
   * the second round on the means that were added.
   */
  static double operations(int targets, int others, int words, double size, int rounds) {
    double cosines = Operations.unitRows(targets, size) + Operations.dots(targets, words, size);
    return rounds * (cosines + Operations.dots(others, targets, words))
        + (rounds - 1) * 2.0 * others * size;
  }
}
