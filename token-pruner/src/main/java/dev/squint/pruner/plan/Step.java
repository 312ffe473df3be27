package dev.squint.pruner.plan;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;
import dev.squint.pruner.TokenSet;
import java.util.Optional;

/**
 * One step of a plan that reduces tokens.
 *
 * @param point where it acts
 * @param method catalogue entry of the method
 * @param action the method with this step's parameters
 * @param budget how much is kept
 */
public record Step<S extends TokenSet>(
    Point point, Method method, Action.Tokens<S> action, Budget budget) implements PlanStep {
  public Step {
    if (!method.points().contains(point.kind())) {
      throw new IllegalArgumentException(method.wrongPoint(point));
    }
    StepArguments.checkBudget(method, point, budget);
    if (point.kind() != Point.Kind.TILES
        && point.kind() != Point.Kind.DECODER
        && budget instanceof Budget.Count count
        && count.tokens() == 0) {
      throw new IllegalArgumentException(
          "%s=0 keeps nothing; at '%s' keep at least 1"
              .formatted(StepArguments.counted(point), point));
    }
  }

  /** The method with this step's parameters. */
  public Pruner<S> pruner() {
    return action.pruner();
  }

  /**
   * Decides about the tokens. The method sees only the evidence that it declares.
   *
   * @throws IllegalArgumentException when the tokens belong to another point
   * @throws IllegalStateException when evidence that the method declares is missing
   */
  public Decision decide(TokenSet tokens) {
    S shown = shown(tokens);
    if (pruner() instanceof TokenScorer<S> scorer) {
      float[] scores = scorer.score(shown);
      TokenReduction reduction = TokenScorer.choose(scores, budget);
      return new Decision(reduction, Optional.of(scores), operations(shown, reduction));
    }
    TokenReduction reduction = pruner().reduce(shown, budget);
    return new Decision(reduction, Optional.empty(), operations(shown, reduction));
  }

  /** With a budget that keeps everything no decision is needed. */
  private double operations(S shown, TokenReduction reduction) {
    return reduction.isIdentity() && !(budget instanceof Budget.Adaptive)
        ? 0
        : pruner().operations(shown, budget, reduction)
            + reduction.operations(shown.features().cols());
  }

  /** As {@link #decide}, without the scores. */
  public TokenReduction reduce(TokenSet tokens) {
    return decide(tokens).reduction();
  }

  private S shown(TokenSet tokens) {
    Class<S> actsOn = action.actsOn();
    if (!actsOn.isInstance(tokens)) {
      throw new IllegalArgumentException(
          "'%s' acts on %s, not on %s"
              .formatted(method.name(), actsOn.getSimpleName(), tokens.getClass().getSimpleName()));
    }
    return actsOn.cast(tokens.showingOnly(pruner().needs()));
  }

  /** As a plan writes it. */
  @Override
  public String toString() {
    return StepArguments.write(this, budget, pruner());
  }
}
