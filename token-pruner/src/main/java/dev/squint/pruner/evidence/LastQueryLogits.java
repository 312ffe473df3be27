package dev.squint.pruner.evidence;

import dev.squint.pruner.PromptLogits;
import dev.squint.pruner.TokenReduction;

/**
 * Logits of the last prompt token for every prompt token in the decoder layer before the point
 * where the method acts, H times [1, S].
 */
public record LastQueryLogits() implements PromptKind {
  @Override
  public PromptLogits reduced(PromptLogits value, TokenReduction reduction) {
    return value.reduced(reduction, false);
  }
}
