package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/** Keys of the patches in one encoder layer, [N, heads * headDim]. */
public record EncoderKeys(int layer) implements KeysKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }
}
