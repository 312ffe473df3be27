package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Attention that the last prompt token would pay to each visual token in the decoder layer after
 * the point where the method acts, were nothing dropped, [H, N].
 */
public record NextLayerAttention() implements AttentionKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }
}
