package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/** Hidden states before the last encoder layer that has run, [N, D_v], inside the encoder. */
public record EarlierHidden() implements TokenRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }
}
