package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import java.util.List;
import java.util.function.Function;

/** Helpers for several kinds: join the values of tiles, and check a number of tokens. */
final class Parts {

  private Parts() {}

  static <V> Matrix columns(List<Evidence.Part<V>> parts, Function<V, Matrix> matrix) {
    return Matrix.sideBySide(
        parts.stream().map(p -> matrix.apply(p.value()).columns(p.tokens())).toList());
  }

  static <V> Matrix rows(List<Evidence.Part<V>> parts, Function<V, Matrix> matrix) {
    return Matrix.stacked(
        parts.stream().map(p -> matrix.apply(p.value()).rows(p.tokens())).toList());
  }

  static void checkCount(Evidence<?> evidence, int given, int tokens) {
    if (given != tokens) {
      throw new IllegalArgumentException(
          "%s has values for %d tokens but there are %d".formatted(evidence, given, tokens));
    }
  }
}
