package dev.squint.pruner.plan;

import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.Continuation;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Point;
import java.util.List;

/**
 * Which steps can stand beside a router. A token that skips a layer has no query, key or attention
 * there, so steps that read them are not defined.
 */
final class RouterCompany {

  private RouterCompany() {}

  /**
   * Checks the other steps of a plan.
   *
   * @throws IllegalArgumentException naming the step that is not defined, and what works
   */
  static void check(RouterStep router, List<Step<?>> steps, List<CacheStep> cache) {
    for (Step<?> step : steps) {
      if (step.pruner().additions().isPresent()) {
        throw new IllegalArgumentException(
            "'%s' decides what each layer processes; remove '%s'".formatted(router, step));
      }
      if (step.point().kind() == Point.Kind.DECODER && !isDefined(step)) {
        throw new IllegalArgumentException(
            "under '%s' tokens skip layers, so '%s' cannot read what a layer computes for all of them, nor renumber or restart; methods that read the tokens alone work there, such as random and uniform-grid; remove '%s'"
                .formatted(router, step, step));
      }
    }
    for (CacheStep step : cache) {
      CachePolicy policy = step.policy();
      if (!policy.needs().isEmpty() || policy.positionsInCache()) {
        throw new IllegalArgumentException(
            "under '%s' tokens skip layers, so '%s' cannot read their attention or move them; policies that read the cached rows alone work, such as streamingllm, quantised and gear; remove '%s'"
                .formatted(router, step, step));
      }
    }
  }

  private static boolean isDefined(Step<?> step) {
    return step.pruner().continuation() == Continuation.KEEP_POSITIONS
        && step.pruner().needs().stream()
            .noneMatch(evidence -> evidence.source() == Evidence.Source.DECODER);
  }
}
