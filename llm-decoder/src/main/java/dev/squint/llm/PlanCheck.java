package dev.squint.llm;

import dev.squint.llm.decoder.LayerEvidence;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.Pruners;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.Step;
import dev.squint.vision.VisionEncoder;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Says before anything runs whether a model can follow a plan.
 *
 * @param model the model's name
 * @param encoder its encoder
 * @param decoder its decoder
 */
record PlanCheck(String model, VisionEncoder encoder, DecoderCuts decoder) {

  private static final Set<Point.Kind> POINTS = EnumSet.range(Point.Kind.TILES, Point.Kind.DECODER);

  /**
   * Makes sure that the model can act where the plan wants it to, and gives what its methods read.
   *
   * @throws IllegalArgumentException if not; the message says what the model can do
   */
  void check(PruningPlan plan) {
    for (Step<?> step : plan.steps()) {
      if (!POINTS.contains(step.point().kind())) {
        throw new IllegalArgumentException(
            "model %s can prune at %s; the plan prunes at '%s'"
                .formatted(model, POINTS, step.point()));
      }
      for (Evidence<?> evidence : step.pruner().needs()) {
        if (!gives(evidence, step.point().kind())) {
          throw new IllegalArgumentException(
              "'%s' needs %s, which the %s of %s does not give; methods that work: %s"
                  .formatted(
                      step.method().name(),
                      evidence,
                      evidence.source() == Evidence.Source.DECODER ? "decoder" : "encoder",
                      model,
                      working(step.point().kind())));
        }
      }
    }
    try {
      encoder.check(plan);
      decoder.check(plan);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "model %s cannot follow '%s': %s".formatted(model, plan, e.getMessage()), e);
    }
  }

  private boolean gives(Evidence<?> evidence, Point.Kind kind) {
    if (evidence instanceof Evidence.GlobalViews views) {
      return views.showing().stream().allMatch(shown -> gives(shown, kind));
    }
    return switch (evidence.source()) {
      case ENCODER -> encoder.gives(evidence);
      case QUESTION -> true;
      case DECODER -> kind == Point.Kind.DECODER && LayerEvidence.gives(evidence);
    };
  }

  private List<String> working(Point.Kind kind) {
    return Pruners.all().methods().stream()
        .filter(method -> method.points().contains(kind))
        .filter(
            method ->
                method.defaults().needs().stream().allMatch(evidence -> gives(evidence, kind)))
        .map(Method::name)
        .toList();
  }
}
