package dev.squint.webapp.ask;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.webapp.answering.MethodPoints;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A pruning method in a list for clients.
 *
 * @param name name in plans
 * @param summary what is kept
 * @param points where it can act
 * @param budget how it treats a budget
 * @param needsBudget whether a plan must give a budget
 * @param paper the paper, if there is one
 * @param faithfulness how it was compared with the published method
 * @param works whether the loaded model supports it at one of its points
 * @param worksAt points where the loaded model supports it, as in plans
 * @param why what is missing, if the model supports it nowhere
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

  static List<MethodCard> all(VisionLanguageModel model) {
    return MethodCatalogue.all().methods().stream().map(method -> of(method, model)).toList();
  }

  private static MethodCard of(Method method, VisionLanguageModel model) {
    List<String> worksAt = new ArrayList<>();
    String why = null;
    for (Point point : MethodPoints.of(method)) {
      String missing = MethodPoints.whyNot(method, point, model);
      if (missing == null) {
        worksAt.add(point.toString());
      } else if (why == null) {
        why = missing;
      }
    }
    return new MethodCard(
        method.name(),
        method.summary(),
        method.pointNames(),
        method.budgeting().toString(),
        !method.budgeting().decidesItself(),
        method.paper().equals("none") ? null : method.paper(),
        method.faithfulness().toString(),
        !worksAt.isEmpty(),
        worksAt,
        worksAt.isEmpty() ? why : null);
  }
}
