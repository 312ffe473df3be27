package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TokenReduction;
import java.util.List;

/** Evidence about the request instead of single visual tokens; the value is a matrix. */
public interface RequestRowsKind extends Evidence<Matrix> {
  @Override
  default Matrix reduced(Matrix value, TokenReduction reduction) {
    return value;
  }

  @Override
  default void check(Matrix value, int tokens) {
    if (value.rows() == 0) {
      throw new IllegalArgumentException(this + " must have at least 1 row but has none");
    }
  }

  @Override
  default Matrix together(List<Evidence.Part<Matrix>> parts, int tiles) {
    return parts.get(0).value();
  }

  @Override
  default long bytes(Matrix value) {
    return value.bytes();
  }
}
