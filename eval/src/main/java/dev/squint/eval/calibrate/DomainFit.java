package dev.squint.eval.calibrate;

import dev.squint.llm.model.TrainingDomain;
import dev.squint.pruner.Matrix;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Fits a {@link TrainingDomain} to mean features of pictures: a normal distribution whose
 * covariance is shrunk towards a multiple of the identity. The shrinkage maximises the likelihood
 * of held-out pictures. The threshold is a quantile of the held-out pictures. Pictures from outside
 * the domain are not needed.
 */
public final class DomainFit {

  private static final double[] SHRINKAGES = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1};

  private DomainFit() {}

  /**
   * Fits the domain.
   *
   * @param fitted mean features of pictures like the training data, [N, D]
   * @param heldOut mean features of held-out pictures, [M, D]
   * @param falseAlarms share of the held-out pictures above the threshold
   * @throws IllegalArgumentException if there are too few pictures, or the share is not in (0, 1)
   */
  public static TrainingDomain fit(Matrix fitted, Matrix heldOut, double falseAlarms) {
    if (!(falseAlarms > 0 && falseAlarms < 1)) {
      throw new IllegalArgumentException("false alarms must be in (0, 1) but were " + falseAlarms);
    }
    if (fitted.rows() < 2 || heldOut.rows() * falseAlarms < 1) {
      throw new IllegalArgumentException(
          "%d pictures to fit and %d held out are too few for %s false alarms; at least 2 and %d are needed"
              .formatted(
                  fitted.rows(), heldOut.rows(), falseAlarms, (int) Math.ceil(1 / falseAlarms)));
    }
    Matrix mean = new Matrix(1, fitted.cols(), fitted.columnMeans());
    double[][] covariance = covariance(fitted, mean);
    TrainingDomain best =
        Arrays.stream(SHRINKAGES)
            .mapToObj(shrinkage -> candidate(mean, shrunk(covariance, shrinkage), heldOut))
            .max(Comparator.comparingDouble(Candidate::likelihood))
            .orElseThrow()
            .domain();
    double[] sorted = distances(best, heldOut);
    Arrays.sort(sorted);
    int outside = (int) Math.floor(sorted.length * falseAlarms);
    return new TrainingDomain(mean, best.whitening(), sorted[sorted.length - 1 - outside]);
  }

  /** A domain without a threshold, and the likelihood of the held-out pictures. */
  private record Candidate(TrainingDomain domain, double likelihood) {}

  private static Candidate candidate(Matrix mean, double[][] covariance, Matrix heldOut) {
    double[][] factor = cholesky(covariance);
    TrainingDomain domain = new TrainingDomain(mean, inverse(factor), 1);
    double logDeterminant = 0;
    for (int i = 0; i < factor.length; i++) {
      logDeterminant += 2 * Math.log(factor[i][i]);
    }
    double squares =
        Arrays.stream(distances(domain, heldOut)).map(d -> d * d).average().orElseThrow();
    return new Candidate(domain, -0.5 * (squares + logDeterminant));
  }

  private static double[] distances(TrainingDomain domain, Matrix features) {
    double[] distances = new double[features.rows()];
    for (int i = 0; i < distances.length; i++) {
      distances[i] = domain.distance(features.row(i));
    }
    return distances;
  }

  private static double[][] covariance(Matrix features, Matrix mean) {
    int width = features.cols();
    double[][] sums = new double[width][width];
    for (int n = 0; n < features.rows(); n++) {
      for (int i = 0; i < width; i++) {
        double a = features.get(n, i) - mean.get(0, i);
        for (int j = 0; j <= i; j++) {
          sums[i][j] += a * (features.get(n, j) - mean.get(0, j));
        }
      }
    }
    for (int i = 0; i < width; i++) {
      for (int j = 0; j <= i; j++) {
        sums[i][j] /= features.rows() - 1;
        sums[j][i] = sums[i][j];
      }
    }
    return sums;
  }

  private static double[][] shrunk(double[][] covariance, double shrinkage) {
    int width = covariance.length;
    double trace = 0;
    for (int i = 0; i < width; i++) {
      trace += covariance[i][i];
    }
    if (!(trace > 0)) {
      throw new IllegalArgumentException("all pictures to fit have the same features");
    }
    double[][] shrunk = new double[width][width];
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < width; j++) {
        shrunk[i][j] = (1 - shrinkage) * covariance[i][j];
      }
      shrunk[i][i] += shrinkage * trace / width;
    }
    return shrunk;
  }

  /** Returns the Cholesky factor L: the lower triangle with L L^T equal to the matrix. */
  private static double[][] cholesky(double[][] matrix) {
    int width = matrix.length;
    double[][] lower = new double[width][width];
    for (int i = 0; i < width; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = matrix[i][j];
        for (int k = 0; k < j; k++) {
          sum -= lower[i][k] * lower[j][k];
        }
        lower[i][j] = i == j ? Math.sqrt(sum) : sum / lower[j][j];
      }
    }
    return lower;
  }

  /** Returns the inverse of a lower triangular matrix, [D, D]. */
  private static Matrix inverse(double[][] lower) {
    int width = lower.length;
    float[] inverse = new float[width * width];
    double[][] solved = new double[width][width];
    for (int c = 0; c < width; c++) {
      for (int r = c; r < width; r++) {
        double sum = r == c ? 1 : 0;
        for (int k = c; k < r; k++) {
          sum -= lower[r][k] * solved[k][c];
        }
        solved[r][c] = sum / lower[r][r];
        inverse[r * width + c] = (float) solved[r][c];
      }
    }
    return new Matrix(width, width, inverse);
  }
}
