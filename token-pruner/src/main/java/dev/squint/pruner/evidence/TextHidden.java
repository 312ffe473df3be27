package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/** Hidden states of the text tokens after the picture at a point in the decoder, [T, D]. */
public record TextHidden() implements RequestRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }
}
