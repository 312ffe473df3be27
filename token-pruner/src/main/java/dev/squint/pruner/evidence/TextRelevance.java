package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * How much the visual tokens resemble each text token after the picture, before the decoder, [1,
 * T]: softmax over the text of the dot products, mean over the visual tokens.
 */
public record TextRelevance() implements RequestRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.QUESTION;
  }
}
