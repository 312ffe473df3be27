package dev.squint.llm.decoder.session;

import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.pruner.ExitSchedule;
import org.jspecify.annotations.Nullable;

/**
 * Which stages a token runs through; it skips the others.
 *
 * @param schedule null where all tokens run through all stages
 * @param layers layers of the decoder, L
 */
public record LayerExits(@Nullable ExitSchedule schedule, int layers) {

  /** The number of a token of the prompt. */
  static final int PROMPT = -1;

  /** All tokens run through all stages. */
  static LayerExits none() {
    return new LayerExits(null, 0);
  }

  /**
   * Whether a token runs through a stage. The decoder is cut wherever the schedule changes.
   *
   * @param generated number of the token, from 0; {@link #PROMPT} for those of the prompt
   */
  boolean run(DecoderStage stage, int generated) {
    if (schedule == null) {
      return true;
    }
    for (int layer : schedule.active(layers, generated)) {
      if (layer == stage.firstLayer()) {
        return true;
      }
    }
    return false;
  }
}
