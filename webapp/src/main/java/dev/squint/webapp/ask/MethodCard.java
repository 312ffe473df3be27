package dev.squint.webapp.ask;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.CacheMethod;
import dev.squint.pruner.plan.CachePolicies;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.pruner.plan.PruningPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A pruning method, for people who choose one.
 *
 * @param name as plans call it
 * @param summary what stays
 * @param points where it can act
 * @param budget what it makes of a share that is to be kept
 * @param needsBudget whether a plan must say how much stays
 * @param paper where it is published, if it is
 * @param faithfulness how far it is the published method
 * @param works whether the loaded model can follow it at one of its points
 * @param worksAt points where the loaded model can follow it, as plans write them
 * @param why what is missing, if it can nowhere
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record MethodCard(
    String name,
    String summary,
    List<String> points,
    String budget,
    boolean needsBudget,
    @Nullable String paper,
    String faithfulness,
    boolean works,
    List<String> worksAt,
    @Nullable String why) {

  private static final Set<Method.Budgeting> DECIDE_THEMSELVES =
      Set.of(Method.Budgeting.ADAPTIVE, Method.Budgeting.EITHER);

  /** Points between layers are looked for up to here. */
  private static final int MOST_LAYERS = 200;

  static List<MethodCard> all(VisionLanguageModel model) {
    return Stream.concat(
            MethodCatalogue.all().methods().stream().map(method -> of(method, model)),
            CachePolicies.all().stream().map(method -> of(method, model)))
        .toList();
  }

  private static MethodCard of(Method<?> method, VisionLanguageModel model) {
    return of(
        method.name(),
        method.summary(),
        method.points().stream().sorted().map(Point.Kind::toString).toList(),
        method.budgeting(),
        method.paper(),
        method.faithfulness(),
        points(method),
        model);
  }

  private static MethodCard of(CacheMethod method, VisionLanguageModel model) {
    return of(
        method.name(),
        method.summary(),
        List.of(Point.CACHE.toString()),
        method.budgeting(),
        method.paper(),
        method.faithfulness(),
        List.of(Point.CACHE),
        model);
  }

  private static MethodCard of(
      String name,
      String summary,
      List<String> kinds,
      Method.Budgeting budgeting,
      String paper,
      Method.Faithfulness faithfulness,
      List<Point> points,
      VisionLanguageModel model) {
    boolean needsBudget = !DECIDE_THEMSELVES.contains(budgeting);
    List<String> worksAt = new ArrayList<>();
    String why = null;
    for (Point point : points) {
      String missing = whyNot(point + ":" + name + (needsBudget ? "(keep=0.5)" : ""), model);
      if (missing == null) {
        worksAt.add(point.toString());
      } else if (why == null) {
        why = missing;
      }
    }
    return new MethodCard(
        name,
        summary,
        kinds,
        budgeting.toString(),
        needsBudget,
        paper.equals("none") ? null : paper,
        faithfulness.toString(),
        !worksAt.isEmpty(),
        worksAt,
        worksAt.isEmpty() ? why : null);
  }

  private static List<Point> points(Method<?> method) {
    return method.points().stream()
        .sorted()
        .flatMap(
            kind ->
                switch (kind) {
                  case FRAMES -> Stream.of(Point.FRAMES);
                  case TILES -> Stream.of(Point.TILES);
                  case INSIDE_ENCODER -> layers(Point::insideEncoder);
                  case ENCODER -> Stream.of(Point.ENCODER);
                  case DECODER -> layers(Point::decoder);
                  case CACHE -> Stream.of(Point.CACHE);
                })
        .toList();
  }

  private static Stream<Point> layers(IntFunction<Point> point) {
    return IntStream.rangeClosed(1, MOST_LAYERS).mapToObj(point);
  }

  private static @Nullable String whyNot(String plan, VisionLanguageModel model) {
    try {
      model.check(PruningPlan.parse(plan));
      return null;
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }
}
