package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * The question in the space that the encoder shares with its own text tower, one row a segment, [M,
 * C].
 */
public record JointTextEmbeddings() implements RequestRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }
}
