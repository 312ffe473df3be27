package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Attention of the last prompt token to each token of the global views, [H, N], in the last of the
 * first {@code layers} decoder layers. The prompt contains no crops.
 */
public record GlanceAttention(int layers) implements AttentionKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.GLANCE;
  }
}
