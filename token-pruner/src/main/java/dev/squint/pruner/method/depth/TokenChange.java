package dev.squint.pruner.method.depth;

import dev.squint.pruner.Matrix;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;

/** How much a decoder layer changes a token; what fitted routers predict the ranks of. Ours. */
public enum TokenChange {
  /** Length of what the layer adds, divided by the length of its input. */
  UPDATE {
    @Override
    double of(Matrix before, Matrix after, int token) {
      double added = 0;
      double given = 0;
      for (int c = 0; c < before.cols(); c++) {
        double difference = (double) after.get(token, c) - before.get(token, c);
        added += difference * difference;
        given += (double) before.get(token, c) * before.get(token, c);
      }
      return given == 0 ? 0 : Math.sqrt(added / given);
    }
  },
  /** 1 minus the cosine between input and output. */
  TURN {
    @Override
    double of(Matrix before, Matrix after, int token) {
      double dot = 0;
      double given = 0;
      double returned = 0;
      for (int c = 0; c < before.cols(); c++) {
        dot += (double) before.get(token, c) * after.get(token, c);
        given += (double) before.get(token, c) * before.get(token, c);
        returned += (double) after.get(token, c) * after.get(token, c);
      }
      return given * returned == 0 ? 0 : 1 - dot / Math.sqrt(given * returned);
    }
  },
  /** Noise: routers fitted to it choose blindly in the same layers, to compare with. */
  RANDOM {
    @Override
    double of(Matrix before, Matrix after, int token) {
      return new Random(Float.floatToIntBits(after.get(token, 0))).nextDouble();
    }
  };

  abstract double of(Matrix before, Matrix after, int token);

  /**
   * Ranks of all tokens by their change: 0 for the least changed, 1 for the most; equal ones in
   * their order, [N].
   *
   * @param before input of a layer, [N, D]
   * @param after its output, [N, D]
   */
  public double[] ranks(Matrix before, Matrix after) {
    return ranks(
        IntStream.range(0, before.rows()).mapToDouble(i -> of(before, after, i)).toArray());
  }

  /** Ranks of values: 0 for the lowest, 1 for the highest; equal ones in their order, [N]. */
  public static double[] ranks(double[] values) {
    int[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> values[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] ranks = new double[values.length];
    for (int place = 0; place < order.length; place++) {
      ranks[order[place]] = values.length == 1 ? 1 : (double) place / (values.length - 1);
    }
    return ranks;
  }

  /** Correlation of the ranks of two series (Spearman's), [-1, 1]; 0 for a single value. */
  public static double correlation(double[] some, double[] others) {
    if (some.length < 2) {
      return 0;
    }
    double[] a = ranks(some);
    double[] b = ranks(others);
    double squares = 0;
    double products = 0;
    for (int i = 0; i < a.length; i++) {
      products += (a[i] - 0.5) * (b[i] - 0.5);
      squares += (a[i] - 0.5) * (a[i] - 0.5);
    }
    return products / squares;
  }
}
