package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Embeddings of the question in the space that the encoder shares with its text tower, one row per
 * segment, [M, C].
 */
public record JointTextEmbeddings() implements RequestRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }
}
