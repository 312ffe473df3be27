package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Attention of the last prompt token to each visual token in the decoder layer after the point
 * where the method acts, computed before any token is dropped, [H, N].
 */
public record NextLayerAttention() implements AttentionKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }
}
