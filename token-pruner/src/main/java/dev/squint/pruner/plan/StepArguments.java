package dev.squint.pruner.plan;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Point;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Reads and writes the arguments of a step: its budget and parameters. */
final class StepArguments {

  private StepArguments() {}

  /** Name of the argument for a number at a point. */
  static String counted(Point point) {
    return switch (point.kind()) {
      case FRAMES -> "frames";
      case TILES -> "crops";
      default -> "tokens";
    };
  }

  /** Removes the budget from the arguments and returns it. */
  static Budget takeBudget(String name, Point point, Map<String, String> arguments) {
    String counted = counted(point);
    @Nullable String keep = arguments.remove("keep");
    @Nullable String count = arguments.remove(counted);
    if (keep != null && count != null) {
      throw new IllegalArgumentException(
          "'%s' has both keep and %s; write only one".formatted(name, counted));
    }
    if (count != null) {
      return Budget.count(wholeNumber(counted, count));
    }
    return keep == null ? Budget.adaptive() : share(keep);
  }

  private static Budget share(String keep) {
    int dots = keep.indexOf("..");
    try {
      return dots < 0
          ? Budget.ratio(Double.parseDouble(keep))
          : new Budget.Adaptive(
              Double.parseDouble(keep.substring(0, dots)),
              Double.parseDouble(keep.substring(dots + 2)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "keep must be a number in (0, 1], or bounds such as 0.1..0.5, but was '%s'"
              .formatted(keep),
          e);
    }
  }

  private static int wholeNumber(String counted, String count) {
    try {
      return Integer.parseInt(count);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s must be a whole number but was '%s'".formatted(counted, count), e);
    }
  }

  /** Rejects an argument that is not a parameter of the method. */
  static void checkNames(Method method, Point point, Map<String, String> arguments) {
    List<String> known = Parameters.names(method.action().defaults());
    for (String argument : arguments.keySet()) {
      if (!known.contains(argument)) {
        throw new IllegalArgumentException(
            point.equals(Point.ALL_LAYERS)
                ? "'%s' has no parameter '%s' and no budget; it has %s"
                    .formatted(method.name(), argument, known)
                : "'%s' has no parameter '%s'; it has %s, and the budgets keep and %s"
                    .formatted(method.name(), argument, known, counted(point)));
      }
    }
  }

  /** Rejects a budget that the method cannot use. */
  static void checkBudget(Method method, Point point, Budget budget) {
    if (!method.budgeting().allows(budget)) {
      throw new IllegalArgumentException(
          switch (method.budgeting()) {
            case ADAPTIVE ->
                "'%s' chooses how much it keeps; remove the budget or write bounds such as keep=0.1..0.5"
                    .formatted(method.name());
            case ABOUT -> "'%s' needs keep=RATIO such as keep=0.25".formatted(method.name());
            default ->
                "'%s' needs a budget: keep=RATIO such as keep=0.25, or %s=NUMBER"
                    .formatted(method.name(), counted(point));
          });
    }
  }

  /** A step as a plan writes it, with the parameters that differ from the defaults. */
  static String write(PlanStep step, Budget budget, Object given) {
    StringJoiner arguments = new StringJoiner(", ", "(", ")").setEmptyValue("");
    if (budget instanceof Budget.Ratio ratio) {
      arguments.add("keep=" + ratio.keep());
    } else if (budget instanceof Budget.Count count) {
      arguments.add(counted(step.point()) + "=" + count.tokens());
    } else if (budget instanceof Budget.Adaptive bounds && !bounds.equals(Budget.adaptive())) {
      arguments.add("keep=" + bounds.least() + ".." + bounds.most());
    }
    Object defaults = step.method().action().defaults();
    for (Map.Entry<String, String> parameter : Parameters.differing(given, defaults).entrySet()) {
      arguments.add(parameter.getKey() + "=" + parameter.getValue());
    }
    return step.point() + ":" + step.method().name() + arguments;
  }
}
