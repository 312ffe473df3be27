package dev.squint.pruner.plan;

import dev.squint.pruner.Budget;
import dev.squint.pruner.LayeredPruner;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.RestoringPruner;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The steps of a plan inside an encoder, some of which decide after several layers. */
final class InsideSteps {

  private InsideSteps() {}

  /**
   * Checks that a step that decides after several layers is alone inside the encoder.
   *
   * @throws IllegalArgumentException naming another step that is to be removed
   */
  static void check(List<Step<?>> steps) {
    List<Step<?>> inside = steps.stream().filter(InsideSteps::isInside).toList();
    for (int i = 0; i < inside.size(); i++) {
      Step<?> step = inside.get(i);
      if (inside.size() > 1 && isAlone(step)) {
        throw new IllegalArgumentException(
            "'%s' decides about the tokens of all layers behind it; remove '%s'"
                .formatted(step, inside.get(i == 0 ? 1 : 0)));
      }
    }
  }

  /** The points where the steps decide, in order. */
  static List<Point> points(List<Step<?>> steps, int layers) {
    return steps.stream()
        .filter(InsideSteps::isInside)
        .flatMapToInt(
            step -> {
              int first = step.point().layers();
              return step.pruner() instanceof LayeredPruner layered && first <= layers
                  ? IntStream.of(layered.decisions(first, layers))
                  : IntStream.of(first);
            })
        .distinct()
        .mapToObj(Point::insideEncoder)
        .toList();
  }

  /** The steps with one for each decision; a share of the tokens is a number of them there. */
  static List<Step<?>> counted(List<Step<?>> steps, int layers, int tokens) {
    List<Step<?>> counted = new ArrayList<>();
    for (Step<?> step : steps) {
      if (isInside(step) && step.pruner() instanceof LayeredPruner layered) {
        Budget budget = Budget.count(step.budget().tokens(tokens));
        int[] decisions = layered.decisions(step.point().layers(), layers);
        int last = decisions[decisions.length - 1];
        for (int run : decisions) {
          counted.add(decision(step.method(), layered.deciding(last - run), run, budget));
        }
      } else {
        counted.add(step);
      }
    }
    return counted;
  }

  private static Step<PatchTokens> decision(
      Method method, Pruner<PatchTokens> pruner, int run, Budget budget) {
    Action.Tokens<PatchTokens> action = new Action.Tokens<>(PatchTokens.class, pruner);
    Method deciding =
        new Method(
            method.name(),
            method.summary(),
            action,
            method.points(),
            method.budgeting(),
            method.paper(),
            method.faithfulness());
    return new Step<>(Point.insideEncoder(run), deciding, action, budget);
  }

  private static boolean isAlone(Step<?> step) {
    return step.pruner() instanceof LayeredPruner || step.pruner() instanceof RestoringPruner;
  }

  private static boolean isInside(Step<?> step) {
    return step.point().kind() == Point.Kind.INSIDE_ENCODER;
  }
}
