package dev.squint.pruner.maths;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.Ranking;
import java.util.Arrays;

/**
 * Clusters around density peaks. The density of a point is exp(-mean squared distance to the
 * nearest points). The points with the highest product of density and distance to a denser point
 * become centres.
 *
 * @param centres the centres of the clusters, highest product first, [C]
 * @param cluster for each point the index of its centre, [M]
 */
public record DensityPeaks(int[] centres, int[] cluster) {

  /**
   * Clusters the rows, [M, D]; each cluster contains at least its centre. The density is that of as
   * many neighbours as there are clusters.
   */
  public static DensityPeaks of(Matrix rows, int clusters) {
    return of(rows, clusters, clusters);
  }

  /**
   * Clusters the rows, [M, D]; each cluster contains at least its centre.
   *
   * @param neighbours number of nearest points, the point itself among them, in the density; at
   *     most M
   */
  public static DensityPeaks of(Matrix rows, int clusters, int neighbours) {
    double[][] distances = distances(rows);
    int m = distances.length;
    int[] centres = Ranking.best(scores(distances, neighbours), clusters);
    int[] cluster = new int[m];
    for (int i = 0; i < m; i++) {
      for (int c = 1; c < clusters; c++) {
        if (distances[i][centres[c]] < distances[i][centres[cluster[i]]]) {
          cluster[i] = c;
        }
      }
    }
    for (int c = 0; c < clusters; c++) {
      cluster[centres[c]] = c;
    }
    return new DensityPeaks(centres, cluster);
  }

  /** The product of density and distance to a denser point for each row, [M]. */
  public static float[] scores(Matrix rows, int neighbours) {
    return scores(distances(rows), neighbours);
  }

  private static float[] scores(double[][] distances, int neighbours) {
    int m = distances.length;
    double[] density = new double[m];
    for (int i = 0; i < m; i++) {
      double[] sorted = distances[i].clone();
      Arrays.sort(sorted);
      double sum = 0;
      for (int k = 0; k < neighbours; k++) {
        sum += sorted[k] * sorted[k];
      }
      density[i] = Math.exp(-sum / neighbours);
    }
    double farthest = Arrays.stream(distances).flatMapToDouble(Arrays::stream).max().orElse(0);
    float[] scores = new float[m];
    for (int i = 0; i < m; i++) {
      double separation = farthest;
      for (int j = 0; j < m; j++) {
        if (density[j] > density[i]) {
          separation = Math.min(separation, distances[i][j]);
        }
      }
      scores[i] = (float) (density[i] * separation);
    }
    return scores;
  }

  /**
   * Number of {@link dev.squint.pruner.Operations} to cluster rows: the distances of all pairs, the
   * mean squares of the nearest, the densities.
   */
  public static double operations(double rows, double neighbours, double size) {
    return rows * (rows - 1) / 2 * (3 * size + 2) + rows * (2 * neighbours + 3);
  }

  /** Distances of all pairs, divided by sqrt(D). */
  private static double[][] distances(Matrix rows) {
    double[][] distances = new double[rows.rows()][rows.rows()];
    for (int i = 0; i < rows.rows(); i++) {
      for (int j = 0; j < i; j++) {
        double square = 0;
        for (int c = 0; c < rows.cols(); c++) {
          double difference = rows.get(i, c) - rows.get(j, c);
          square += difference * difference;
        }
        distances[i][j] = Math.sqrt(square / rows.cols());
        distances[j][i] = distances[i][j];
      }
    }
    return distances;
  }
}
