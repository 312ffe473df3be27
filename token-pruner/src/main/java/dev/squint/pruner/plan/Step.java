package dev.squint.pruner.plan;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenSet;
import java.util.Map;
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
    if (!method.budgeting().allows(budget)) {
      throw new IllegalArgumentException(
          method.budgeting() == Method.Budgeting.ADAPTIVE
              ? "'%s' decides itself how much it keeps; leave the budget out or give bounds such as keep=0.1..0.5"
                  .formatted(method.name())
              : "'%s' needs a budget: keep=RATIO such as keep=0.25, or tokens=NUMBER"
                  .formatted(method.name()));
    }
    if (point.kind().compareTo(Point.Kind.ENCODER) <= 0
        && budget instanceof Budget.Count count
        && count.tokens() == 0) {
      throw new IllegalArgumentException(
          "tokens=0 leaves nothing to look at; at '%s' keep at least 1".formatted(point));
    }
  }

  /**
   * What becomes of the tokens. The method sees no other evidence than it declares.
   *
   * @throws IllegalArgumentException when the tokens are of another point
   * @throws IllegalStateException when evidence that the method declares is missing
   */
  public TokenReduction reduce(TokenSet tokens) {
    if (!method.actsOn().isInstance(tokens)) {
      throw new IllegalArgumentException(
          "'%s' acts on %s, not on %s"
              .formatted(
                  method.name(),
                  method.actsOn().getSimpleName(),
                  tokens.getClass().getSimpleName()));
    }
    return pruner.reduce(method.actsOn().cast(tokens.showingOnly(pruner.needs())), budget);
  }

  static String wrongPoint(Method<?> method, Point point) {
    return "'%s' acts at %s, not at '%s'"
        .formatted(method.name(), method.points().stream().sorted().toList(), point);
  }

  /** As a plan writes it. */
  @Override
  public String toString() {
    StringJoiner arguments = new StringJoiner(", ", "(", ")").setEmptyValue("");
    if (budget instanceof Budget.Ratio ratio) {
      arguments.add("keep=" + ratio.keep());
    } else if (budget instanceof Budget.Count count) {
      arguments.add("tokens=" + count.tokens());
    } else if (budget instanceof Budget.Adaptive bounds && !bounds.equals(Budget.adaptive())) {
      arguments.add("keep=" + bounds.least() + ".." + bounds.most());
    }
    for (Map.Entry<String, String> parameter :
        Parameters.differing(pruner, method.defaults()).entrySet()) {
      arguments.add(parameter.getKey() + "=" + parameter.getValue());
    }
    return point + ":" + method.name() + arguments;
  }
}
