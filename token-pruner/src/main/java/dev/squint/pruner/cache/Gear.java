package dev.squint.pruner.cache;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.CacheStorage;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Ranking;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/**
 * Keeps all rows in codes of few bits, the largest and smallest elements as they are, and an
 * approximation of low rank of what the codes lose. GEAR (arXiv 2403.05527), as rows have come
 * together. Keys are coded by channel in groups of rows, values by row in groups of channels.
 *
 * @param bits of a code
 * @param group elements that share a step
 * @param outliers share of the elements that are stored as they are
 * @param rank of the approximation, for each head
 * @param rounds of its power iteration
 * @param every after how many new tokens they are coded
 */
public record Gear(int bits, int group, double outliers, int rank, int rounds, int every)
    implements CachePolicy, CacheStorage {
  public Gear {
    if (bits < 1 || bits > 8 || group < 1 || rank < 0 || rounds < 1 || every < 1) {
      throw new IllegalArgumentException(
          "bits must be in [1, 8], rank at least 0, group, rounds and every at least 1 but were %d, %d, %d, %d and %d"
              .formatted(bits, rank, group, rounds, every));
    }
    if (!(outliers >= 0 && outliers < 1)) {
      throw new IllegalArgumentException("outliers must be in [0, 1) but was " + outliers);
    }
  }

  @Override
  public CacheDecision decide(CachedTokens cache, Budget budget) {
    return CacheDecision.stored(cache, this);
  }

  @Override
  public CachedTokens asRead(CachedTokens cache) {
    IntFunction<Matrix> start = head -> start(head, cache.keys().get(0).cols());
    return cache.with(
        recovered(cache.keys(), true, start), recovered(cache.values(), false, start));
  }

  /** Codes, outliers with their places (two bytes each), and two factors for each head. */
  @Override
  public long bytes(CachedTokens cache) {
    int rows = cache.rows();
    int cols = cache.heads() * cache.keys().get(0).cols();
    long lowRank = (long) Float.BYTES * rank * (rows * cache.heads() + cols);
    long keys = coded(rows, cols, group, 1) + outlierBytes(rows, cols, cols);
    long values = coded(rows, cols, 1, group) + outlierBytes(rows, cols, rows);
    return keys + values + 2 * lowRank;
  }

  private long coded(int rows, int cols, int blockRows, int blockCols) {
    int codedRows = blockRows == 1 ? rows : rows / blockRows * blockRows;
    int codedCols = blockCols == 1 ? cols : cols / blockCols * blockCols;
    long exact = (long) Float.BYTES * ((long) rows * cols - (long) codedRows * codedCols);
    return Quantised.of(
                new Matrix(codedRows, codedCols, new float[codedRows * codedCols]),
                bits,
                blockRows,
                blockCols)
            .bytes()
        + exact;
  }

  private long outlierBytes(int rows, int cols, int lines) {
    return 2L * outliersOfALine(rows, cols) * lines * (Float.BYTES + Short.BYTES);
  }

  /** Heads as they are read back: coded, with outliers, with what the codes lose. */
  List<Matrix> recovered(List<Matrix> heads, boolean keys, IntFunction<Matrix> start) {
    List<Matrix> coded = coded(heads, keys, outliers > 0);
    return rank == 0 ? coded : withLowRank(heads, coded, start);
  }

  /** Heads as the codes have them, [N, d] each. */
  List<Matrix> coded(List<Matrix> heads, boolean keys, boolean keepOutliers) {
    Matrix rows = HeadRows.joined(heads);
    Matrix lines = keys ? transposed(rows) : rows;
    int count = keepOutliers ? outliersOfALine(rows.rows(), rows.cols()) : 0;
    float[][] coded = new float[lines.rows()][];
    for (int l = 0; l < coded.length; l++) {
      coded[l] = codedLine(lines.row(l), count);
    }
    Matrix read = Matrix.of(coded);
    return HeadRows.split(keys ? transposed(read) : read, heads.size());
  }

  /** Largest and smallest elements of a line of keys or values that stay; as the authors count. */
  private int outliersOfALine(int rows, int cols) {
    return (int) ((double) (int) ((double) rows * cols * outliers) / rows / 2);
  }

  /** A line in groups; what does not fill one stays. */
  private float[] codedLine(float[] line, int count) {
    double sum = 0;
    for (float value : line) {
      sum += value;
    }
    float mean = (float) (sum / line.length);
    int[] order = Ranking.descending(line);
    int each = Math.min(count, line.length / 2);
    float[] inner = line.clone();
    for (int i = 0; i < each; i++) {
      inner[order[i]] = mean;
      inner[order[order.length - 1 - i]] = mean;
    }
    int coded = line.length / group * group;
    float[] read = inner.clone();
    if (coded > 0) {
      Matrix whole = new Matrix(1, coded, Arrays.copyOf(inner, coded));
      System.arraycopy(Quantised.of(whole, bits, 1, group).dequantised().data(), 0, read, 0, coded);
    }
    for (int i = 0; i < each; i++) {
      read[order[i]] = line[order[i]];
      read[order[order.length - 1 - i]] = line[order[order.length - 1 - i]];
    }
    return read;
  }

  /** Adds to every head the approximation of what it lost. */
  List<Matrix> withLowRank(List<Matrix> heads, List<Matrix> coded, IntFunction<Matrix> start) {
    List<Matrix> recovered = new ArrayList<>();
    for (int h = 0; h < heads.size(); h++) {
      float[] sum = heads.get(h).data().clone();
      float[] read = coded.get(h).data();
      for (int i = 0; i < sum.length; i++) {
        sum[i] -= read[i];
      }
      Matrix lost = new Matrix(heads.get(h).rows(), heads.get(h).cols(), sum);
      float[] approximation = lowRank(lost, start.apply(h)).data().clone();
      for (int i = 0; i < approximation.length; i++) {
        approximation[i] += read[i];
      }
      recovered.add(new Matrix(lost.rows(), lost.cols(), approximation));
    }
    return recovered;
  }

  /** Q Q' E, Q an orthonormal basis found by power iteration from [d, rank]. */
  private Matrix lowRank(Matrix lost, Matrix start) {
    Matrix transposed = transposed(lost);
    Matrix right = transposed(start);
    Matrix left = right;
    for (int round = 0; round < rounds; round++) {
      boolean last = round == rounds - 1;
      left = (last ? orthonormal(right) : right).timesTransposed(lost);
      left = last ? orthonormal(left) : left;
      right = left.timesTransposed(transposed);
    }
    return transposed(left).timesTransposed(transposed(right));
  }

  /** The rows made orthonormal one after the other; rows that add nothing become zeros. */
  private static Matrix orthonormal(Matrix rows) {
    double[][] basis = new double[rows.rows()][rows.cols()];
    float[][] result = new float[rows.rows()][rows.cols()];
    for (int r = 0; r < basis.length; r++) {
      for (int c = 0; c < rows.cols(); c++) {
        basis[r][c] = rows.get(r, c);
      }
      double before = norm(basis[r]);
      // Twice, as once leaves rounding errors where rows are nearly alike.
      for (int pass = 0; pass < 2; pass++) {
        for (int q = 0; q < r; q++) {
          double dot = 0;
          for (int c = 0; c < rows.cols(); c++) {
            dot += basis[r][c] * basis[q][c];
          }
          for (int c = 0; c < rows.cols(); c++) {
            basis[r][c] -= dot * basis[q][c];
          }
        }
      }
      double norm = norm(basis[r]);
      double scale = norm > 1e-6 * before ? 1 / norm : 0;
      for (int c = 0; c < rows.cols(); c++) {
        basis[r][c] *= scale;
        result[r][c] = (float) basis[r][c];
      }
    }
    return Matrix.of(result);
  }

  private static double norm(double[] row) {
    double square = 0;
    for (double value : row) {
      square += value * value;
    }
    return Math.sqrt(square);
  }

  private Matrix start(int head, int channels) {
    SplittableRandom random = new SplittableRandom(head);
    float[] values = new float[channels * rank];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble();
    }
    return new Matrix(channels, rank, values);
  }

  private static Matrix transposed(Matrix rows) {
    float[] transposed = new float[rows.data().length];
    for (int r = 0; r < rows.rows(); r++) {
      for (int c = 0; c < rows.cols(); c++) {
        transposed[c * rows.rows() + r] = rows.get(r, c);
      }
    }
    return new Matrix(rows.cols(), rows.rows(), transposed);
  }
}
