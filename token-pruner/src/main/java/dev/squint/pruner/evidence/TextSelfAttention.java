package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.TextToText;
import dev.squint.pruner.TokenReduction;

/**
 * Attention of every text token after the picture to every such text token in the decoder layer
 * before the point where the method acts, H times [T, T].
 */
public record TextSelfAttention() implements Evidence<TextToText> {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }

  @Override
  public TextToText reduced(TextToText value, TokenReduction reduction) {
    return value;
  }

  @Override
  public void check(TextToText value, int tokens) {}
}
