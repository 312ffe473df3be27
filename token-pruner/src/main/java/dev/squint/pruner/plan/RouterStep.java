package dev.squint.pruner.plan;

import dev.squint.pruner.Budget;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.Point;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.evidence.Trained;
import org.jspecify.annotations.Nullable;

/**
 * The step of a plan that decides which tokens each decoder layer processes, written {@code
 * decoder:p-mod} or {@code decoder:p-mod(file=routers.safetensors)}.
 *
 * @param method catalogue entry of the router
 * @param action creates the router from its weights
 * @param file where the weights are
 * @param read the weights of the file; null until it is read, and for the package's own
 */
public record RouterStep(
    Method method, Action.Router action, RouterFile file, @Nullable TrainedWeights read)
    implements PlanStep {

  @Override
  public Point point() {
    return Point.ALL_LAYERS;
  }

  /** The weights of the package that the router reads. */
  public Trained needs() {
    return action.weights();
  }

  /**
   * The same step with the weights of its file.
   *
   * @throws IllegalArgumentException if some are missing
   */
  public RouterStep reading(TrainedWeights weights) {
    RouterStep step = new RouterStep(method, action, file, weights);
    step.with(weights);
    return step;
  }

  /**
   * Creates the router with these weights.
   *
   * @throws IllegalArgumentException if some are missing
   */
  public LayerRouter with(TrainedWeights weights) {
    return action.reader().apply(weights);
  }

  /** As a plan writes it. */
  @Override
  public String toString() {
    return StepArguments.write(this, Budget.adaptive(), file);
  }
}
