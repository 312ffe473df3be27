package dev.squint.llm;

import dev.squint.llm.decoder.Sampler;
import java.util.ArrayList;
import java.util.List;

/**
 * The tokens of an answer and the logits before each, as a test sees them.
 *
 * @param tokens that were chosen, in order
 * @param logits from which each was chosen, [V] each
 */
record RecordedTokens(List<Integer> tokens, List<float[]> logits) {

  RecordedTokens() {
    this(new ArrayList<>(), new ArrayList<>());
  }

  /** Options that decode greedily and record. */
  AskOptions options() {
    return AskOptions.DEFAULT.withSampler(
        () ->
            given -> {
              int token = Sampler.GREEDY.next(given);
              tokens.add(token);
              logits.add(given);
              return token;
            });
  }
}
