package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Attention of the CLS token to each patch of its tile in one encoder layer, [H, N], as {@link
 * ClsAttention}, where the layer is a share of all.
 *
 * @param depth the layer, as a share of the layers up to the one that feeds the projector, in (0,
 *     1]; 1 is that layer
 */
public record ClsAttentionAt(double depth) implements AttentionKind {
  public ClsAttentionAt {
    if (!(depth > 0 && depth <= 1)) {
      throw new IllegalArgumentException("depth must be in (0, 1] but was " + depth);
    }
  }

  /** The layer of an encoder with this many layers, from 0. */
  public int layer(int layers) {
    return Math.max(1, (int) Math.rint(depth * layers)) - 1;
  }

  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }
}
