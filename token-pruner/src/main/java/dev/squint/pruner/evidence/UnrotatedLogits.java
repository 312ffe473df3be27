package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Logits of the last prompt token for each visual token in the decoder layer before the point where
 * the method acts, of queries and keys without RoPE, [H, N]. How far a token is from the prompt's
 * end does not change them.
 */
public record UnrotatedLogits() implements LogitsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }
}
