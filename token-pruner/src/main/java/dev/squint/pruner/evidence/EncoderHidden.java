package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/** Output of one encoder layer before the projector, [N, D_v]. */
public record EncoderHidden(int layer) implements TokenRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }
}
