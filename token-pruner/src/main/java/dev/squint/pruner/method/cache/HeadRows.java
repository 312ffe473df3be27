package dev.squint.pruner.method.cache;

import dev.squint.pruner.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Joins key heads side by side, one row per token, and splits them again. */
final class HeadRows {
  private HeadRows() {}

  /** Heads of [N, d] each to [N, heads * d]. */
  static Matrix joined(List<Matrix> heads) {
    int d = heads.get(0).cols();
    float[][] rows = new float[heads.get(0).rows()][heads.size() * d];
    for (int h = 0; h < heads.size(); h++) {
      for (int r = 0; r < rows.length; r++) {
        System.arraycopy(heads.get(h).data(), r * d, rows[r], h * d, d);
      }
    }
    return Matrix.of(rows);
  }

  /** Splits [N, heads * d] into heads of [N, d] each. */
  static List<Matrix> split(Matrix rows, int heads) {
    int d = rows.cols() / heads;
    List<Matrix> split = new ArrayList<>();
    for (int h = 0; h < heads; h++) {
      split.add(rows.columns(IntStream.range(h * d, (h + 1) * d).toArray()));
    }
    return split;
  }
}
