package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * How alike each token is to those around it: VisionTrim (arXiv 2601.22674), local token affinity.
 *
 * <p>The affinity of two tokens is -|f - g|^2 / var(features) - 0.5 |p - q|^2 / var(positions); a
 * token has the sum over itself and its neighbours in a window of 3 x 3 divided by 9, also at the
 * edges, as in the authors' function.
 */
final class LocalAffinity {
  private static final int SIDE = 3;
  private static final double POSITION_WEIGHT = 0.5;

  private LocalAffinity() {}

  /**
   * The affinity of each token, at most 0, [N].
   *
   * @param hidden states of the tokens of one tile, [N, E]
   * @param positions theirs
   */
  static double[] of(Matrix hidden, List<TokenPosition> positions, Tile grid) {
    int[] places = new int[grid.tokens()];
    Arrays.fill(places, -1);
    for (int i = 0; i < positions.size(); i++) {
      places[positions.get(i).row() * grid.cols() + positions.get(i).col()] = i;
    }
    // Where all features are equal no two differ, and a single token has no neighbours.
    double ofFeatures = variance(doubles(hidden.data()));
    double ofPositions = variance(coordinates(positions));
    double[] affinity = new double[hidden.rows()];
    for (int i = 0; i < affinity.length; i++) {
      TokenPosition at = positions.get(i);
      for (int place = 0; place < SIDE * SIDE; place++) {
        int row = at.row() + place / SIDE - 1;
        int col = at.col() + place % SIDE - 1;
        boolean inside = row >= 0 && row < grid.rows() && col >= 0 && col < grid.cols();
        int other = inside ? places[row * grid.cols() + col] : -1;
        if (other >= 0 && other != i) {
          int steps = Math.abs(row - at.row()) + Math.abs(col - at.col());
          affinity[i] -=
              (share(distance(hidden, i, other), ofFeatures)
                      + POSITION_WEIGHT * share(steps, ofPositions))
                  / (SIDE * SIDE);
        }
      }
    }
    return affinity;
  }

  private static double share(double squared, double variance) {
    return squared == 0 ? 0 : squared / variance;
  }

  /** Squared distance of two rows. */
  private static double distance(Matrix rows, int a, int b) {
    double sum = 0;
    for (int c = 0; c < rows.cols(); c++) {
      double difference = (double) rows.get(a, c) - rows.get(b, c);
      sum += difference * difference;
    }
    return sum;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  private static double[] coordinates(List<TokenPosition> positions) {
    double[] coordinates = new double[2 * positions.size()];
    for (int i = 0; i < positions.size(); i++) {
      coordinates[2 * i] = positions.get(i).row();
      coordinates[2 * i + 1] = positions.get(i).col();
    }
    return coordinates;
  }

  /** Of a sample, divided by one less than its number; 0 for a single value. */
  static double variance(double[] values) {
    double mean = DoubleStream.of(values).sum() / values.length;
    double sum = DoubleStream.of(values).map(value -> (value - mean) * (value - mean)).sum();
    return values.length == 1 ? 0 : sum / (values.length - 1);
  }

  /**
   * {@link dev.squint.pruner.Operations} for n tokens with all eight neighbours: the variance of
   * the features, and the distance and weighing of each pair.
   */
  static double operations(int n, double size) {
    return 5.0 * n * size + 8.0 * n * (3 * size + 6);
  }
}
