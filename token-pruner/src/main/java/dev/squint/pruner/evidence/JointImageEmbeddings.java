package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Embeddings of the patches in the space that the encoder shares with its text tower, as in CLIP,
 * [N, C].
 */
public record JointImageEmbeddings() implements TokenRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }
}
