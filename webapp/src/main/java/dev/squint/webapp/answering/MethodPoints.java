package dev.squint.webapp.answering;

import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.PruningPlan;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The points where a method can act, and whether a model supports it there. */
public final class MethodPoints {

  /** Points between layers are tried up to here; no encoder or decoder has more layers. */
  private static final int MOST_LAYERS = 200;

  private MethodPoints() {}

  /** The points where a method can act in a model with enough layers, in order. */
  public static List<Point> of(Method method) {
    return method.points().stream()
        .sorted()
        .flatMap(
            kind ->
                switch (kind) {
                  case INSIDE_ENCODER -> layers(Point::insideEncoder);
                  case DECODER -> layers(Point::decoder);
                  default -> Stream.of(new Point(kind, 0));
                })
        .toList();
  }

  private static Stream<Point> layers(IntFunction<Point> point) {
    return IntStream.rangeClosed(1, MOST_LAYERS).mapToObj(point);
  }

  /** Why the model does not support the method at a point, or null if it does. */
  public static @Nullable String whyNot(Method method, Point point, VisionLanguageModel model) {
    try {
      model.check(PruningPlan.parse(method.step(point, 0.5)));
      return null;
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }
}
