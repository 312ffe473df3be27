package dev.squint.pruner.method.cache;

import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Caches as they are after the prefill of a prompt. */
final class Caches {
  private Caches() {}

  static CachedTokens of(List<Matrix> keys, List<Matrix> values, EvidenceSet observed) {
    return of(keys, values, new boolean[keys.get(0).rows()], observed);
  }

  static CachedTokens of(
      List<Matrix> keys, List<Matrix> values, boolean[] visual, EvidenceSet observed) {
    int rows = keys.get(0).rows();
    return new CachedTokens(
        0,
        keys,
        values,
        Collections.nCopies(keys.size(), IntStream.range(0, rows).toArray()),
        visual,
        rows,
        observed);
  }

  /** Heads whose keys and values are zeros. */
  static List<Matrix> blank(int heads, int rows) {
    return Collections.nCopies(heads, new Matrix(rows, 1, new float[rows]));
  }
}
