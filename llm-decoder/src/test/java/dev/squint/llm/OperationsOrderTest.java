package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Point;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What answers say of operations does not depend on the plans that were asked before. */
class OperationsOrderTest {

  private static final Path DEFAULT = Path.of("../samples/tiny-vlm/package");
  private static final Picture PICTURE =
      new PictureReader().read(Path.of("../samples/pictures/shapes.png"));

  @Test
  void plansInAnyOrder_haveTheSameOperations() {
    List<String> plans = new ArrayList<>();
    for (Method method : MethodCatalogue.all().methods()) {
      for (Point.Kind kind : method.points()) {
        switch (kind) {
          case PATCHES -> plans.add(method.step(Point.PATCHES, 0.5));
          case INSIDE_ENCODER -> plans.add(method.step(Point.insideEncoder(1), 0.5));
          case ENCODER -> plans.add(method.step(Point.ENCODER, 0.5));
          case DECODER -> plans.add(method.step(Point.decoder(2), 0.5));
          default -> {
            // Frames, crops, layers and caches read nothing that is kept for another plan.
          }
        }
      }
    }
    Map<String, Double> forwards = operations(plans);
    Collections.reverse(plans);

    assertThat(operations(plans)).isEqualTo(forwards);
    assertThat(forwards).hasSizeGreaterThan(30);
    assertThat(forwards.get("encoder:cls-attention(keep=0.5)")).isEqualTo(7 * 144);
  }

  private static Map<String, Double> operations(List<String> plans) {
    Map<String, Double> operations = new TreeMap<>();
    try (VisionLanguageModel model = VisionLanguageModel.load(DEFAULT)) {
      for (String plan : plans) {
        if (can(model, plan)) {
          AskOptions options = AskOptions.DEFAULT.withMaxTokens(1).withPlan(plan);
          Answer answer = model.ask(List.of(PICTURE), "What color is the circle?", options);
          operations.put(plan, answer.pruneOperations());
        }
      }
    }
    return operations;
  }

  private static boolean can(VisionLanguageModel model, String plan) {
    try {
      model.check(PruningPlan.parse(plan));
      return true;
    } catch (IllegalArgumentException refused) {
      return false;
    }
  }
}
