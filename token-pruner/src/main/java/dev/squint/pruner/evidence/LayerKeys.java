package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Keys of the visual tokens in the decoder layer before the point where the method acts, as the
 * cache holds them, with RoPE, [N, key heads * headDim].
 */
public record LayerKeys() implements KeysKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }
}
