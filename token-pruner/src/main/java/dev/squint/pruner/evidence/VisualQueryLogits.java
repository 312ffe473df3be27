package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Logits of the visual tokens for each visual token in the decoder layer before the point where the
 * method acts, also for later ones, which no query attends to; mean over the queries, [H, N]. As
 * logits are linear, these are the logits of the mean query.
 */
public record VisualQueryLogits() implements LogitsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }
}
