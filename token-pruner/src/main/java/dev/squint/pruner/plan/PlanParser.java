package dev.squint.pruner.plan;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Point;
import dev.squint.pruner.TokenSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the one-line language of plans. */
final class PlanParser {
  private static final Pattern STEP =
      Pattern.compile("\\s*([^\\s:()]+)\\s*:\\s*([^\\s:()]+)\\s*(?:\\(([^()]*)\\))?\\s*");
  private static final Pattern ARGUMENT = Pattern.compile("\\s*([A-Za-z]+)\\s*=\\s*([^\\s=]+)\\s*");

  private final MethodCatalogue pruners;

  PlanParser(MethodCatalogue pruners) {
    this.pruners = pruners;
  }

  PruningPlan parse(String text) {
    if (text.strip().equals("none")) {
      return PruningPlan.none();
    }
    List<Step<?>> steps = new ArrayList<>();
    List<CacheStep> cache = new ArrayList<>();
    @Nullable RouterMethod router = null;
    @Nullable ExitStep exits = null;
    for (String step : text.split("\\+", -1)) {
      Matcher matcher = STEP.matcher(step);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "'%s' is not a step of a plan; write POINT:METHOD(keep=RATIO), such as encoder:random(keep=0.5), join steps by +, or write none"
                .formatted(step.strip()));
      }
      if (matcher.group(1).equals(RouterMethod.POINT)) {
        if (matcher.group(2).equals(ExitStep.NAME)) {
          exits = exits(matcher, exits);
        } else {
          router = router(matcher, router);
        }
        continue;
      }
      Point point = Point.parse(matcher.group(1));
      Map<String, String> arguments = arguments(matcher.group(3));
      if (point.equals(Point.CACHE)) {
        cache.add(cacheStep(CachePolicies.get(matcher.group(2)), arguments));
      } else if (cache.isEmpty()) {
        steps.add(step(point, pruners.get(matcher.group(2)), arguments));
      } else {
        throw new IllegalArgumentException(
            "'%s' acts before '%s'; write it first".formatted(step.strip(), cache.get(0)));
      }
    }
    return new PruningPlan(steps, cache, router, exits);
  }

  private static RouterMethod router(Matcher step, @Nullable RouterMethod before) {
    RouterMethod router = RouterMethod.get(step.group(2));
    if (before != null || !arguments(step.group(3)).isEmpty()) {
      throw new IllegalArgumentException(
          before != null
              ? "'%s' follows on '%s'; one router decides in all layers".formatted(router, before)
              : "'%s' has no parameters and no budget: both were trained".formatted(router));
    }
    return router;
  }

  private static ExitStep exits(Matcher step, @Nullable ExitStep before) {
    ExitStep exits = ExitStep.of(arguments(step.group(3)));
    if (before != null) {
      throw new IllegalArgumentException(
          "'%s' follows on '%s'; one schedule says which layers a token passes through"
              .formatted(exits, before));
    }
    return exits;
  }

  private static Map<String, String> arguments(@Nullable String text) {
    Map<String, String> arguments = new LinkedHashMap<>();
    if (text == null || text.isBlank()) {
      return arguments;
    }
    for (String argument : text.split(",", -1)) {
      Matcher matcher = ARGUMENT.matcher(argument);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "'%s' is not an argument; write NAME=VALUE, such as keep=0.5"
                .formatted(argument.strip()));
      }
      if (arguments.put(matcher.group(1), matcher.group(2)) != null) {
        throw new IllegalArgumentException("'%s' is given twice".formatted(matcher.group(1)));
      }
    }
    return arguments;
  }

  private static <S extends TokenSet> Step<S> step(
      Point point, Method<S> method, Map<String, String> arguments) {
    if (!method.points().contains(point.kind())) {
      throw new IllegalArgumentException(Step.wrongPoint(method, point));
    }
    String counted = Step.counted(point);
    Budget budget = budget(method.name(), counted, arguments);
    checkParameters(method.name(), counted, method.defaults(), arguments);
    return new Step<>(point, method, Parameters.with(method.defaults(), arguments), budget);
  }

  private static CacheStep cacheStep(CacheMethod method, Map<String, String> arguments) {
    String counted = Step.counted(Point.CACHE);
    Budget budget = budget(method.name(), counted, arguments);
    checkParameters(method.name(), counted, method.defaults(), arguments);
    return new CacheStep(method, Parameters.with(method.defaults(), arguments), budget);
  }

  private static void checkParameters(
      String name, String counted, Object defaults, Map<String, String> arguments) {
    List<String> known = Parameters.names(defaults);
    for (String argument : arguments.keySet()) {
      if (!known.contains(argument)) {
        throw new IllegalArgumentException(
            "'%s' has no parameter '%s'; it has %s beside keep and %s"
                .formatted(name, argument, known, counted));
      }
    }
  }

  /** Takes the budget out of the arguments. */
  private static Budget budget(String name, String counted, Map<String, String> arguments) {
    @Nullable String keep = arguments.remove("keep");
    @Nullable String count = arguments.remove(counted);
    if (keep != null && count != null) {
      throw new IllegalArgumentException(
          "'%s' is given both keep and %s; give one".formatted(name, counted));
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
}
