package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Keys;
import dev.squint.pruner.TokenReduction;
import java.util.List;

/** Keys of the patches in one encoder layer, [N, heads * headDim]. */
public record EncoderKeys(int layer) implements Evidence<Keys> {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }

  @Override
  public Keys reduced(Keys value, TokenReduction reduction) {
    return new Keys(reduction.apply(value.rows()), value.heads());
  }

  @Override
  public void check(Keys value, int tokens) {
    Parts.checkCount(this, value.rows().rows(), tokens);
  }

  @Override
  public Keys together(List<Evidence.Part<Keys>> parts, int tiles) {
    return new Keys(Parts.rows(parts, Keys::rows), parts.get(0).value().heads());
  }

  @Override
  public long bytes(Keys value) {
    return value.rows().bytes();
  }
}
