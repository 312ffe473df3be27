package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Values of the visual tokens in the decoder layer before the point where the method acts, as the
 * cache holds them, [N, key heads * headDim].
 */
public record LayerValues() implements KeysKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }
}
