package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.TokenReduction;
import java.util.List;

/** Evidence about the request and not about single visual tokens, in rows. */
public interface RequestRowsKind extends Evidence<Matrix> {
  @Override
  default Matrix reduced(Matrix value, TokenReduction reduction) {
    return value;
  }

  @Override
  default void check(Matrix value, int tokens) {
    if (value.rows() == 0) {
      throw new IllegalArgumentException(this + " has no rows");
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
