package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Attention of the last prompt token to each token of the global views in the last one of so many
 * decoder layers, where the prompt holds nothing else of the pictures, [H, N].
 */
public record GlanceAttention(int layers) implements AttentionKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.GLANCE;
  }
}
