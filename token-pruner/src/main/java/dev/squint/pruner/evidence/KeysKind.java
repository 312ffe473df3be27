package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Keys;
import dev.squint.pruner.TokenReduction;
import java.util.List;

/**
 * Evidence whose value is the keys of the tokens, [N, heads * headDim]. When tokens merge, their
 * keys are combined with the same weights as the features.
 */
public interface KeysKind extends Evidence<Keys> {
  @Override
  default Keys reduced(Keys value, TokenReduction reduction) {
    return new Keys(reduction.apply(value.rows()), value.heads());
  }

  @Override
  default void check(Keys value, int tokens) {
    Parts.checkCount(this, value.rows().rows(), tokens);
  }

  @Override
  default Keys together(List<Evidence.Part<Keys>> parts, int tiles) {
    return new Keys(Parts.rows(parts, Keys::rows), parts.get(0).value().heads());
  }

  @Override
  default long bytes(Keys value) {
    return value.rows().bytes();
  }
}
