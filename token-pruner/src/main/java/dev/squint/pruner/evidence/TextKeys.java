package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Keys of the text tokens after the picture in the decoder layer before the point where the method
 * acts, as the cache holds them, with RoPE, [T, key heads * headDim].
 */
public record TextKeys() implements RequestRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }
}
