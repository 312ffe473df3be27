package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Patches in the space that the encoder shares with its own text tower, as CLIP has one, [N, C].
 */
public record JointImageEmbeddings() implements TokenRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }
}
