package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.maths.BipartiteMerge;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A grid whose rows are merged to a width by bipartite matching, each separately, and then its
 * columns to a height.
 */
final class MergedLines {
  private final int tokens;
  private final int height;
  private final int width;
  private final List<BipartiteMerge> rows = new ArrayList<>();
  private final List<BipartiteMerge> columns = new ArrayList<>();

  MergedLines(Matrix features, int rowCount, int colCount, int height, int width) {
    this.tokens = features.rows();
    this.height = height;
    this.width = width;
    for (int row = 0; row < rowCount; row++) {
      int start = row * colCount;
      rows.add(
          Quota.merged(features.rows(IntStream.range(start, start + colCount).toArray()), width));
    }
    for (int col = 0; col < width; col++) {
      int at = col;
      columns.add(
          Quota.merged(
              Matrix.of(rows.stream().map(row -> row.list().row(at)).toArray(float[][]::new)),
              height));
    }
  }

  /**
   * Number of {@link dev.squint.pruner.Operations} to merge a square of n tokens to {@code kept}.
   */
  static double operations(int n, int kept, int size) {
    int side = (int) Math.rint(Math.sqrt(n));
    int width = Quota.shape(kept)[1];
    int height = Quota.shape(kept)[0];
    return side * BipartiteMerge.operations(side, width, size, false)
        + width * BipartiteMerge.operations(side, height, size, false);
  }

  /** The new grid, [height * width, D]. */
  Matrix grid() {
    float[][] grid = new float[height * width][];
    for (int at = 0; at < grid.length; at++) {
      grid[at] = columns.get(at % width).list().row(at / width);
    }
    return Matrix.of(grid);
  }

  TokenReduction reduction() {
    int colCount = tokens / rows.size();
    int[] representatives = new int[height * width];
    int[] group = new int[tokens];
    int[][] sources = new int[height * width][];
    float[][] weights = new float[height * width][];
    for (int at = 0; at < sources.length; at++) {
      int col = at % width;
      BipartiteMerge column = columns.get(col);
      List<Integer> members = new ArrayList<>();
      List<Float> shares = new ArrayList<>();
      for (int row : column.members(at / width)) {
        for (int member : rows.get(row).members(col)) {
          members.add(row * colCount + member);
          shares.add(column.weight(row) * rows.get(row).weight(member));
        }
      }
      sources[at] = members.stream().mapToInt(i -> i).toArray();
      weights[at] = new float[shares.size()];
      for (int s = 0; s < weights[at].length; s++) {
        weights[at][s] = shares.get(s);
        group[sources[at][s]] = at;
      }
      int row = column.representative(at / width);
      representatives[at] = row * colCount + rows.get(row).representative(col);
    }
    return TokenReduction.mix(representatives, group, sources, weights);
  }
}
