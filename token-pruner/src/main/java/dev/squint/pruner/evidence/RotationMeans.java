package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * How RoPE (arXiv 2104.09864) rotates each visual token in the decoder layer before the point where
 * the method acts: the means of the cosines and of the sines of its angles, over all pairs and the
 * axes of positions, [N, 2]. The first is 1 for the identity, the second is 1 for 90 degrees.
 */
public record RotationMeans() implements TokenRowsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }
}
