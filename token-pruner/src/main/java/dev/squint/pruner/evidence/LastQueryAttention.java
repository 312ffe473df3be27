package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Attention of the last prompt token to each visual token in the decoder layer before the point
 * where the method acts, [H, N].
 */
public record LastQueryAttention() implements AttentionKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }
}
