package dev.squint.llm;

import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.policy.KeyRotation;
import dev.squint.pruner.evidence.RotationMeans;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.Step;

/**
 * Checks plans that take how a decoder rotates its keys, which only the open decoder shows. One
 * that takes no positions yet is passed over: where a plan needs them it is cut, and takes them
 * then.
 */
final class RotationCheck {

  private RotationCheck() {}

  static void check(PruningPlan plan, StagedDecoder decoder) {
    if (!decoder.takesPositions()) {
      return;
    }
    if (plan.cache().stream().anyMatch(step -> step.policy().positionsInCache())) {
      requireMovableKeys(decoder);
    }
    for (Step<?> step : plan.steps()) {
      if (step.pruner().needs().contains(new RotationMeans())) {
        requireRotation(step, decoder.keyRotation());
      }
    }
  }

  /** Keys in the cache must be movable to other positions. */
  private static void requireMovableKeys(StagedDecoder decoder) {
    if (decoder.stages().stream().anyMatch(stage -> stage.positionAxes() > 1)) {
      throw new IllegalArgumentException(
          "the decoder has positions for time, height and width, so a key has no single position in the cache; write inCache=false");
    }
    try {
      decoder.keyRotation();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          e.getMessage() + ", so they cannot be moved to another; write inCache=false", e);
    }
  }

  static void requireRotation(Step<?> step, KeyRotation rotation) {
    if (!rotation.rotates(step.point().layers() - 1)) {
      throw new IllegalArgumentException(
          "'%s' needs the angles of RoPE, but layer %d, counted from 1, does not rotate its keys; act after another layer"
              .formatted(step.method().name(), step.point().layers()));
    }
  }
}
