package dev.squint.pruner;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Rows that come back: each dropped row changes by the mean change of the kept rows that were
 * nearest to it. IPCV (arXiv 2512.18747, neighbour-guided reconstruction).
 */
public final class RestoredRows {
  private final Matrix before;
  private final int[] kept;
  private final int[] dropped;
  private final int[][] nearest;

  private RestoredRows(Matrix before, int[] kept, int[] dropped, int[][] nearest) {
    this.before = before;
    this.kept = kept;
    this.dropped = dropped;
    this.nearest = nearest;
  }

  /**
   * Finds the kept rows that are nearest to each dropped one, by the Euclidean distance.
   *
   * @param before all rows when some are dropped, [S, D]
   * @param kept numbers of the rows that are kept, ascending; at least one
   * @param neighbours of each dropped row; all kept rows if they are fewer
   */
  public static RestoredRows of(Matrix before, int[] kept, int neighbours) {
    int[] dropped =
        IntStream.range(0, before.rows())
            .filter(row -> Arrays.binarySearch(kept, row) < 0)
            .toArray();
    int[][] nearest = new int[dropped.length][];
    for (int i = 0; i < dropped.length; i++) {
      float[] closeness = new float[kept.length];
      for (int j = 0; j < kept.length; j++) {
        closeness[j] = (float) -squaredDistance(before, dropped[i], kept[j]);
      }
      nearest[i] = Ranking.best(closeness, Math.min(neighbours, kept.length));
    }
    return new RestoredRows(before, kept.clone(), dropped, nearest);
  }

  private static double squaredDistance(Matrix rows, int one, int other) {
    double sum = 0;
    for (int c = 0; c < rows.cols(); c++) {
      double difference = (double) rows.get(one, c) - rows.get(other, c);
      sum += difference * difference;
    }
    return sum;
  }

  /** Numbers of the kept rows, ascending. */
  public int[] kept() {
    return kept.clone();
  }

  /**
   * All rows, [S, D].
   *
   * @param now the kept rows as they are now, [kept, D]
   */
  public Matrix with(Matrix now) {
    int cols = before.cols();
    float[] all = before.data().clone();
    for (int i = 0; i < kept.length; i++) {
      System.arraycopy(now.data(), i * cols, all, kept[i] * cols, cols);
    }
    for (int i = 0; i < dropped.length; i++) {
      for (int near : nearest[i]) {
        for (int c = 0; c < cols; c++) {
          float change = now.get(near, c) - before.get(kept[near], c);
          all[dropped[i] * cols + c] += change / nearest[i].length;
        }
      }
    }
    return new Matrix(before.rows(), cols, all);
  }

  /** {@link Operations} to find the nearest rows: a difference, square and sum for each value. */
  public double operations() {
    return 3.0 * dropped.length * kept.length * before.cols();
  }

  /** {@link Operations} of {@link #with}: the changes, their means, and the sums with them. */
  public double restoringOperations() {
    int neighbours = nearest.length == 0 ? 0 : nearest[0].length;
    double perDropped = dropped.length == 0 ? 0 : neighbours + 2.0;
    double changes = dropped.length == 0 ? 0 : kept.length;
    return before.cols() * (changes + dropped.length * perDropped);
  }
}
