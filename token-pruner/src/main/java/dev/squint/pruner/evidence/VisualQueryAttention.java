package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Attention of the visual tokens to each visual token in the decoder layer before the point where
 * the method acts, mean over the queries, [H, N]. Attention is causal, so late tokens receive it
 * from few queries.
 */
public record VisualQueryAttention() implements AttentionKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }
}
