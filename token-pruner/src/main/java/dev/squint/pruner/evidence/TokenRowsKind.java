package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TokenReduction;
import java.util.List;

/**
 * Evidence with one row per token. When tokens merge, their rows are combined with the same weights
 * as the features.
 */
public interface TokenRowsKind extends Evidence<Matrix> {
  @Override
  default Matrix reduced(Matrix value, TokenReduction reduction) {
    return reduction.apply(value);
  }

  @Override
  default void check(Matrix value, int tokens) {
    Parts.checkCount(this, value.rows(), tokens);
  }

  @Override
  default Matrix together(List<Evidence.Part<Matrix>> parts, int tiles) {
    return Parts.rows(parts, value -> value);
  }

  @Override
  default long bytes(Matrix value) {
    return value.bytes();
  }
}
