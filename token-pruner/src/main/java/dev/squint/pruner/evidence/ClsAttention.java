package dev.squint.pruner.evidence;

import dev.squint.pruner.Attention;
import dev.squint.pruner.Evidence;

/**
 * Attention of the CLS token to each patch of its tile in one encoder layer, [H, N]. Encoders
 * without a CLS token give the mean over all queries of the tile, marked as {@link
 * Attention#substitute}.
 */
public record ClsAttention(int layer) implements AttentionKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }
}
