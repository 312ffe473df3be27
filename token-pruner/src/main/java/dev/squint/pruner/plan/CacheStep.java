package dev.squint.pruner.plan;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CachePolicy;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.TokenReduction;

/**
 * One step of a plan that acts on the KV cache.
 *
 * @param method catalogue entry of the policy
 * @param policy the policy with this step's parameters
 * @param budget how much is kept
 */
public record CacheStep(Method method, CachePolicy policy, Budget budget) implements PlanStep {
  public CacheStep {
    StepArguments.checkBudget(method, Point.CACHE, budget);
  }

  @Override
  public Point point() {
    return Point.CACHE;
  }

  /**
   * Decides about a layer's cache. The policy sees only the evidence that it declares.
   *
   * @throws IllegalStateException when evidence that the policy declares is missing
   */
  public CacheDecision decide(CachedTokens cache) {
    return policy.decide(cache.showingOnly(policy.needs()), budget);
  }

  /** Number of operations of a decision about a layer's cache, including merged rows. */
  public double operations(CachedTokens cache, CacheDecision decision) {
    double merging = 0;
    for (int head = 0; head < cache.heads(); head++) {
      TokenReduction rows = decision.rows().get(head);
      merging += rows.operations(cache.keys().get(head).cols());
      merging += rows.operations(cache.values().get(head).cols());
    }
    return policy.operations(cache.showingOnly(policy.needs()), decision) + merging;
  }

  /** As a plan writes it. */
  @Override
  public String toString() {
    return StepArguments.write(this, budget, policy);
  }
}
