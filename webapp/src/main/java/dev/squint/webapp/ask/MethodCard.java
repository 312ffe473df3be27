package dev.squint.webapp.ask;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.Pruners;
import dev.squint.pruner.plan.PruningPlan;
import java.util.List;
import java.util.Set;
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
 * @param works whether the loaded model can follow it after the encoder
 * @param why what is missing, if it cannot
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
    @Nullable String why) {

  private static final Set<Method.Budgeting> DECIDE_THEMSELVES =
      Set.of(Method.Budgeting.ADAPTIVE, Method.Budgeting.EITHER);

  static List<MethodCard> all(VisionLanguageModel model) {
    return Pruners.all().methods().stream().map(method -> of(method, model)).toList();
  }

  private static MethodCard of(Method<?> method, VisionLanguageModel model) {
    boolean needsBudget = !DECIDE_THEMSELVES.contains(method.budgeting());
    String why = whyNot(method, needsBudget, model);
    return new MethodCard(
        method.name(),
        method.summary(),
        method.points().stream().sorted().map(Point.Kind::toString).toList(),
        method.budgeting().toString(),
        needsBudget,
        method.paper().equals("none") ? null : method.paper(),
        method.faithfulness().toString(),
        why == null,
        why);
  }

  private static @Nullable String whyNot(
      Method<?> method, boolean needsBudget, VisionLanguageModel model) {
    try {
      model.check(
          PruningPlan.parse(
              Point.ENCODER + ":" + method.name() + (needsBudget ? "(keep=0.5)" : "")));
      return null;
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }
}
