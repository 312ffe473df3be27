package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * What the decoder adds to the hidden states of the visual tokens after its layer of this number,
 * [N, D]: features of an earlier encoder layer (DeepStack, arXiv 2406.04334). No method reads it;
 * it goes with the tokens.
 */
public record DeepFeatures(int level) implements TokenRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }
}
