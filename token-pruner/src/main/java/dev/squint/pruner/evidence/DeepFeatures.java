package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Features that the decoder adds to the hidden states of the visual tokens after layer {@code
 * level}, [N, D] (DeepStack, arXiv 2406.04334). Methods do not read them; they are reduced together
 * with the tokens.
 */
public record DeepFeatures(int level) implements TokenRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }
}
