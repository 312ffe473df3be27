package dev.squint.llm.decoder.policy;

import java.util.Map;

/**
 * What policies read of a stage when it ended.
 *
 * @param layers rows of each of its layers
 * @param tokens which tokens of the prompt it ran on, ascending
 * @param operations of reading, {@link dev.squint.pruner.Operations}
 */
public record ObservedStage(Map<Integer, LayerRows> layers, int[] tokens, double operations) {

  /** Copies the map. */
  public ObservedStage {
    layers = Map.copyOf(layers);
  }
}
