package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;

/**
 * Logits of the CLS token for each patch of its tile in one encoder layer, before the softmax, [H,
 * N].
 */
public record ClsLogits(int layer) implements LogitsKind {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.ENCODER;
  }
}
