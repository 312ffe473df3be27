package dev.squint.pruner.plan;

import dev.squint.pruner.Budget;
import dev.squint.pruner.LayerSchedule;
import dev.squint.pruner.Point;

/**
 * The step of a plan that stands for steps between layers, which depend on the decoder's number of
 * layers, written {@code decoder:g-search(budget=0.5)}.
 *
 * @param method catalogue entry of the method
 * @param schedule how many tokens each layer has
 */
public record ScheduleStep(Method method, LayerSchedule schedule) implements PlanStep {

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
