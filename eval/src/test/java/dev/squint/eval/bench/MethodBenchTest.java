package dev.squint.eval.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Point;
import dev.squint.pruner.evidence.Trained;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.pruner.plan.PruningPlan;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MethodBenchTest {

  private static final Pattern METHOD = Pattern.compile("layer\\d+:([a-z0-9-]+)");

  @Test
  void plansHaveEveryPublishedMethodBetweenLayers_thatNeedsNoTrainedWeights() {
    List<String> planned =
        MethodBench.plans(32).stream()
            .map(PruningPlan::toString)
            .flatMap(plan -> METHOD.matcher(plan).results().map(found -> found.group(1)))
            .toList();
    List<String> published =
        MethodCatalogue.all().at(Point.Kind.DECODER).stream()
            .filter(method -> !method.paper().equals("none"))
            .filter(method -> method.needs().stream().noneMatch(Trained.class::isInstance))
            .map(Method::name)
            .toList();

    assertThat(published).isNotEmpty();
    assertThat(published.stream().filter(name -> !planned.contains(name)))
        .as("methods that MethodBench.plans lacks")
        .isEmpty();
  }
}
