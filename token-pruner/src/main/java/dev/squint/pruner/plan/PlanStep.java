package dev.squint.pruner.plan;

import dev.squint.pruner.Point;

/** One step of a plan: a method with parameters at a point. Prints as a plan writes it. */
public sealed interface PlanStep permits Step, CacheStep, RouterStep, ExitStep {

  /** What the catalogue says of the method. */
  Method method();

  /** Where it acts. */
  Point point();
}
