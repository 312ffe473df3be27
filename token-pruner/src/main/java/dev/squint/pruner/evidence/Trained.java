package dev.squint.pruner.evidence;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TrainedWeights;

/**
 * Trained weights for a method from the model package; those of the point where it acts, if the
 * points have separate weights.
 *
 * @param method name of the method in the package
 */
public record Trained(String method) implements Evidence<TrainedWeights> {
  @Override
  public Evidence.Source source() {
    return Evidence.Source.PACKAGE;
  }

  @Override
  public TrainedWeights reduced(TrainedWeights value, TokenReduction reduction) {
    return value;
  }

  @Override
  public void check(TrainedWeights value, int tokens) {}
}
