package dev.squint.pruner.plan;

import dev.squint.pruner.Point;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses the one-line plan language. */
final class PlanParser {
  private static final Pattern STEP =
      Pattern.compile("\\s*([^\\s:()]+)\\s*:\\s*([^\\s:()]+)\\s*(?:\\(([^()]*)\\))?\\s*");
  private static final Pattern ARGUMENT = Pattern.compile("\\s*([A-Za-z]+)\\s*=\\s*([^\\s=]+)\\s*");

  private final MethodCatalogue catalogue;

  PlanParser(MethodCatalogue catalogue) {
    this.catalogue = catalogue;
  }

  PruningPlan parse(String text) {
    if (text.strip().equals("none")) {
      return PruningPlan.none();
    }
    List<Step<?>> steps = new ArrayList<>();
    List<CacheStep> cache = new ArrayList<>();
    @Nullable RouterStep router = null;
    @Nullable ExitStep exits = null;
    @Nullable ScheduleStep schedule = null;
    for (String part : text.split("\\+", -1)) {
      PlanStep read = step(part);
      if (read instanceof RouterStep next) {
        router = only(next, router, "a plan can have one router, which decides for all layers");
      } else if (read instanceof ExitStep next) {
        exits = only(next, exits, "a plan can have one schedule of layers to skip");
      } else if (read instanceof ScheduleStep next) {
        schedule = only(next, schedule, "a plan can have one schedule of tokens for all layers");
      } else if (read instanceof CacheStep next) {
        cache.add(next);
      } else if (read instanceof Step<?> next) {
        if (!cache.isEmpty()) {
          throw new IllegalArgumentException(
              "'%s' acts before '%s'; write it first".formatted(part.strip(), cache.get(0)));
        }
        steps.add(next);
      }
    }
    return new PruningPlan(steps, cache, router, exits, schedule);
  }

  private PlanStep step(String text) {
    Matcher matcher = STEP.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not a step of a plan; write POINT:METHOD(keep=RATIO), such as encoder:random(keep=0.5), join steps by +, or write none"
              .formatted(text.strip()));
    }
    Point point = Point.parse(matcher.group(1));
    Method method = catalogue.get(matcher.group(2), point.kind());
    if (!method.points().contains(point.kind())) {
      throw new IllegalArgumentException(
          "'%s' acts at %s, not at '%s'; available there are %s"
              .formatted(
                  method.name(),
                  catalogue.named(method.name()).stream()
                      .flatMap(named -> named.points().stream())
                      .sorted()
                      .map(Point.Kind::toString)
                      .toList(),
                  point,
                  catalogue.at(point.kind()).stream().map(Method::name).toList()));
    }
    return method.action().step(method, point, arguments(matcher.group(3)));
  }

  private static <T extends PlanStep> T only(T step, @Nullable T before, String why) {
    if (before != null) {
      throw new IllegalArgumentException(
          "'%s' cannot follow '%s'; %s".formatted(step, before, why));
    }
    return step;
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
        throw new IllegalArgumentException(
            "'%s' is written twice; remove one".formatted(matcher.group(1)));
      }
    }
    return arguments;
  }
}
