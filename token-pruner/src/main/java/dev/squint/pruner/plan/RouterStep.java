package dev.squint.pruner.plan;

import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.Point;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.evidence.Trained;

/**
 * The step of a plan that decides which tokens each decoder layer processes, written {@code
 * decoder:p-mod}.
 *
 * @param method catalogue entry of the router
 * @param action creates the router from its weights
 */
public record RouterStep(Method method, Action.Router action) implements PlanStep {

  @Override
  public Point point() {
    return Point.ALL_LAYERS;
  }

  /** The weights of the package that the router reads. */
  public Trained needs() {
    return action.weights();
  }

  /**
   * Creates the router with the weights of a package.
   *
   * @throws IllegalArgumentException if some are missing
   */
  public LayerRouter with(TrainedWeights weights) {
    return action.reader().apply(weights);
  }

  /** As a plan writes it. */
  @Override
  public String toString() {
    return point() + ":" + method.name();
  }
}
