package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.PromptLogits;

/** Evidence about all tokens of the prompt, text and visual. */
public interface PromptKind extends Evidence<PromptLogits> {
  @Override
  default Evidence.Source source() {
    return Evidence.Source.DECODER;
  }

  @Override
  default void check(PromptLogits value, int tokens) {
    Parts.checkCount(this, value.visual().length, tokens);
  }
}
