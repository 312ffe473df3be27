package dev.squint.pruner.plan;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenScorer;
import dev.squint.pruner.TokenSet;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * One step of a plan.
 *
 * @param point where it acts
 * @param method what the catalogue says of the method
 * @param pruner the method with this step's parameters
 * @param budget how much stays
 */
public record Step<S extends TokenSet>(
    Point point, Method<S> method, Pruner<S> pruner, Budget budget) {
  public Step {
    if (!method.points().contains(point.kind())) {
      throw new IllegalArgumentException(wrongPoint(method, point));
    }
    checkBudget(method.name(), counted(point), method.budgeting(), budget);
    if (point.kind() != Point.Kind.TILES
        && point.kind() != Point.Kind.DECODER
        && budget instanceof Budget.Count count
        && count.tokens() == 0) {
      throw new IllegalArgumentException(
          "%s=0 leaves nothing to look at; at '%s' keep at least 1"
              .formatted(counted(point), point));
    }
  }

  /**
   * What becomes of the tokens. The method sees no other evidence than it declares.
   *
   * @throws IllegalArgumentException when the tokens are of another point
   * @throws IllegalStateException when evidence that the method declares is missing
   */
  public Decision decide(TokenSet tokens) {
    S shown = shown(tokens);
    if (pruner instanceof TokenScorer<S> scorer) {
      float[] scores = scorer.score(shown);
      TokenReduction reduction = TokenScorer.choose(scores, budget);
      return new Decision(reduction, Optional.of(scores), operations(shown, reduction));
    }
    TokenReduction reduction = pruner.reduce(shown, budget);
    return new Decision(reduction, Optional.empty(), operations(shown, reduction));
  }

  /** A budget that keeps everything leaves nothing to decide. */
  private double operations(S shown, TokenReduction reduction) {
    return reduction.isIdentity() && !(budget instanceof Budget.Adaptive)
        ? 0
        : pruner.operations(shown, budget, reduction)
            + reduction.operations(shown.features().cols());
  }

  /** As {@link #decide}, without the scores. */
  public TokenReduction reduce(TokenSet tokens) {
    return decide(tokens).reduction();
  }

  private S shown(TokenSet tokens) {
    if (!method.actsOn().isInstance(tokens)) {
      throw new IllegalArgumentException(
          "'%s' acts on %s, not on %s"
              .formatted(
                  method.name(),
                  method.actsOn().getSimpleName(),
                  tokens.getClass().getSimpleName()));
    }
    return method.actsOn().cast(tokens.showingOnly(pruner.needs()));
  }

  static String wrongPoint(Method<?> method, Point point) {
    return "'%s' acts at %s, not at '%s'"
        .formatted(method.name(), method.points().stream().sorted().toList(), point);
  }

  /** The word for a number of what is kept at a point. */
  static String counted(Point point) {
    return switch (point.kind()) {
      case FRAMES -> "frames";
      case TILES -> "crops";
      default -> "tokens";
    };
  }

  /** Throws an exception unless a method can be given a budget. */
  static void checkBudget(String name, String counted, Method.Budgeting budgeting, Budget budget) {
    if (!budgeting.allows(budget)) {
      throw new IllegalArgumentException(
          switch (budgeting) {
            case ADAPTIVE ->
                "'%s' decides itself how much it keeps; leave the budget out or give bounds such as keep=0.1..0.5"
                    .formatted(name);
            case ABOUT -> "'%s' needs keep=RATIO such as keep=0.25".formatted(name);
            default ->
                "'%s' needs a budget: keep=RATIO such as keep=0.25, or %s=NUMBER"
                    .formatted(name, counted);
          });
    }
  }

  /** As a plan writes it. */
  @Override
  public String toString() {
    return write(point, method.name(), budget, pruner, method.defaults());
  }

  /** A step as a plan writes it, with the parameters that differ from the defaults. */
  static String write(Point point, String name, Budget budget, Object given, Object defaults) {
    StringJoiner arguments = new StringJoiner(", ", "(", ")").setEmptyValue("");
    if (budget instanceof Budget.Ratio ratio) {
      arguments.add("keep=" + ratio.keep());
    } else if (budget instanceof Budget.Count count) {
      arguments.add(counted(point) + "=" + count.tokens());
    } else if (budget instanceof Budget.Adaptive bounds && !bounds.equals(Budget.adaptive())) {
      arguments.add("keep=" + bounds.least() + ".." + bounds.most());
    }
    for (Map.Entry<String, String> parameter : Parameters.differing(given, defaults).entrySet()) {
      arguments.add(parameter.getKey() + "=" + parameter.getValue());
    }
    return point + ":" + name + arguments;
  }
}
