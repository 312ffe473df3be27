package dev.squint.pruner.plan;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Point;
import dev.squint.pruner.method.depth.SkipDecode;

/**
 * The step of a plan that lets later tokens of an answer skip layers, written {@code
 * decoder:skipdecode(fewest=0.5)}.
 *
 * @param method catalogue entry of the method
 * @param schedule which layers process each token
 */
public record ExitStep(Method method, SkipDecode schedule) implements PlanStep {

  @Override
  public Point point() {
    return Point.ALL_LAYERS;
  }

  /** As a plan writes it. */
  @Override
  public String toString() {
    return StepArguments.write(this, Budget.adaptive(), schedule);
  }
}
