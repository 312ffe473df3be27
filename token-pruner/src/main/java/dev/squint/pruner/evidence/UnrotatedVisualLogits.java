package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Logits of the mean visual query for each visual token in the decoder layer before the point where
 * the method acts, of queries and keys without RoPE, [H, N]. They include keys that causal
 * attention hides.
 */
public record UnrotatedVisualLogits() implements LogitsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }
}
