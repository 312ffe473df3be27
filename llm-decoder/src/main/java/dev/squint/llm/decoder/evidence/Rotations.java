package dev.squint.llm.decoder.evidence;

import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.pruner.Matrix;

/** How RoPE rotates the tokens of a decoder. */
public interface Rotations {

  /**
   * Means over the pairs of a layer, and over the axes, of the cosines and of the sines of the
   * angles by which RoPE rotates tokens at these positions, [S, 2].
   */
  Matrix means(int layer, PositionIds positions);
}
