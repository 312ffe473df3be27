package dev.squint.pruner.plan;

import dev.squint.pruner.Point;

/** One step of a plan: a method with parameters at a point. Prints as a plan writes it. */
public sealed interface PlanStep permits Step, CacheStep, RouterStep, ExitStep, ScheduleStep {

  /** The catalogue entry of the method. */
  Method method();

  /** The point where it acts. */
  Point point();
}
