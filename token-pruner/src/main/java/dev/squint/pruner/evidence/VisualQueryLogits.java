package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Logits of the visual tokens for each visual token in the decoder layer before the point where the
 * method acts, mean over the queries, [H, N]. They include keys that causal attention hides. Logits
 * are linear, so these are the logits of the mean query.
 */
public record VisualQueryLogits() implements LogitsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }
}
