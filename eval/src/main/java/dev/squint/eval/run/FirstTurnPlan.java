package dev.squint.eval.run;

import dev.squint.pruner.Budget;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.plan.Action;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.Step;
import java.util.List;

/** A plan for later turns of a conversation: the visual tokens that an earlier turn chose. */
final class FirstTurnPlan {

  private FirstTurnPlan() {}

  /** Whether all steps of a plan act on the tokens after the encoder. */
  static boolean canRepeat(PruningPlan plan) {
    return plan.router() == null
        && plan.exits() == null
        && plan.schedule() == null
        && plan.points().equals(List.of(Point.ENCODER));
  }

  /**
   * Returns the plan that makes the same reduction again.
   *
   * @param plan the plan of the earlier turn
   * @param chosen what it kept or merged
   */
  static PruningPlan of(PruningPlan plan, TokenReduction chosen) {
    boolean keepsPlaces = plan.steps().stream().anyMatch(step -> step.pruner().keepsPlaces());
    Pruner<PatchTokens> again = new Again(chosen, keepsPlaces);
    Method method = Method.own("first-turn", PatchTokens.class, again, Point.ENCODER.kind());
    return new PruningPlan(
        List.of(
            new Step<>(
                Point.ENCODER,
                method,
                new Action.Tokens<>(PatchTokens.class, again),
                Budget.count(chosen.after()))));
  }

  // No record, because components would be parameters of the plan language.
  private static final class Again implements Pruner<PatchTokens> {
    private final TokenReduction chosen;
    private final boolean keepsPlaces;

    Again(TokenReduction chosen, boolean keepsPlaces) {
      this.chosen = chosen;
      this.keepsPlaces = keepsPlaces;
    }

    @Override
    public TokenReduction reduce(PatchTokens tokens, Budget budget) {
      return chosen;
    }

    @Override
    public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
      return 0;
    }

    @Override
    public boolean keepsPlaces() {
      return keepsPlaces;
    }
  }
}
