package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.TextAttention;
import dev.squint.pruner.TokenReduction;

/**
 * Attention of every text token after the picture to each visual token in the decoder layer before
 * the point where the method acts, T times [H, N].
 */
public record TextQueryAttention() implements Evidence<TextAttention> {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.DECODER;
  }

  @Override
  public TextAttention reduced(TextAttention value, TokenReduction reduction) {
    return value.reduced(reduction);
  }

  @Override
  public void check(TextAttention value, int tokens) {
    value.rows().forEach(row -> Parts.checkCount(this, row.cols(), tokens));
  }
}
