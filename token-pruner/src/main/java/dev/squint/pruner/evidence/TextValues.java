package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Values of the text tokens after the picture in the decoder layer before the point where the
 * method acts, as the cache holds them, [T, key heads * headDim].
 */
public record TextValues() implements RequestRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }
}
