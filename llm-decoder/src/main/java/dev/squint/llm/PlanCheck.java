package dev.squint.llm;

import dev.squint.llm.decoder.evidence.LayerEvidence;
import dev.squint.llm.model.TrainedMethods;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Point;
import dev.squint.pruner.evidence.CoarseCrops;
import dev.squint.pruner.evidence.FirstLook;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.evidence.Trained;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.Step;
import dev.squint.vision.encoder.VisionEncoder;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks before anything runs whether a model can follow a plan.
 *
 * @param model the model's name
 * @param encoder its encoder
 * @param decoder its decoder
 * @param trained what its package holds for trained methods
 */
record PlanCheck(
    String model, VisionEncoder encoder, StagedDecoderManager decoder, TrainedMethods trained) {

  /**
   * Checks that the model can act at the points of the plan and provides the evidence of its
   * methods.
   *
   * @throws IllegalArgumentException if not; the message lists what the model can do
   */
  void check(PruningPlan plan) {
    for (Step<?> step : plan.steps()) {
      for (Evidence<?> evidence : step.pruner().needs()) {
        if (!gives(evidence, step.point())) {
          checkPoint(evidence, step);
          checkWeights(evidence, step);
          throw new IllegalArgumentException(
              "'%s' needs %s, which the %s of %s does not provide; methods that work: %s"
                  .formatted(
                      step.method().name(),
                      evidence,
                      giver(evidence),
                      model,
                      working(step.point())));
        }
      }
    }
    if (plan.deepStack().isPresent() && !decoder.decoder().deepFeatures().isEmpty()) {
      throw new IllegalArgumentException(
          "model %s adds features of its own between layers, so 'deepstack' cannot; leave it out"
              .formatted(model));
    }
    try {
      encoder.check(plan);
      decoder.check(plan);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "model %s cannot follow '%s': %s".formatted(model, plan, e.getMessage()), e);
    }
  }

  private void checkPoint(Evidence<?> evidence, Step<?> step) {
    if (evidence instanceof Trained kind && trained.weights(kind.method()).isPresent()) {
      throw new IllegalArgumentException(
          "'%s' was trained for %s of %s, not for '%s'"
              .formatted(
                  step.method().name(),
                  trained.weights(kind.method()).get().points(),
                  model,
                  step.point()));
    }
  }

  /** Names the weights that a method would read beside what it is shown, if these are missing. */
  private void checkWeights(Evidence<?> evidence, Step<?> step) {
    for (Evidence<?> part : parts(evidence).toList()) {
      if (part instanceof Trained kind && trained.weights(kind.method()).isEmpty()) {
        throw new IllegalArgumentException(
            "'%s' with these options needs the trained weights '%s', which the squint.json of %s does not name; choose another guide or a package that has them"
                .formatted(step.method().name(), kind.method(), model));
      }
    }
  }

  private static String giver(Evidence<?> evidence) {
    return switch (evidence.source()) {
      case ENCODER, PIXELS -> "encoder";
      case DECODER, GLANCE -> "decoder";
      case QUESTION, PACKAGE -> "package";
    };
  }

  private boolean gives(Evidence<?> evidence, Point point) {
    if (evidence instanceof GlobalViews
        || evidence instanceof CoarseCrops
        || evidence instanceof FirstLook) {
      return parts(evidence).allMatch(part -> gives(part, point));
    }
    return switch (evidence.source()) {
      case ENCODER -> encoder.gives(evidence);
      case PIXELS, QUESTION, PACKAGE, GLANCE -> RequestEvidence.gives(trained, evidence, point);
      case DECODER -> point.kind() == Point.Kind.DECODER && LayerEvidence.gives(evidence);
    };
  }

  /** What is read of tokens that are encoded before a choice. */
  private static Stream<Evidence<?>> parts(Evidence<?> evidence) {
    if (evidence instanceof GlobalViews views) {
      return views.showing().stream();
    }
    if (evidence instanceof CoarseCrops coarser) {
      return Stream.concat(coarser.showing().stream(), coarser.choice().needs().stream());
    }
    return evidence instanceof FirstLook look ? look.showing().stream() : Stream.empty();
  }

  private List<String> working(Point point) {
    return MethodCatalogue.all().methods().stream()
        .filter(method -> method.points().contains(point.kind()))
        .filter(method -> method.needs().stream().allMatch(evidence -> gives(evidence, point)))
        .map(Method::name)
        .toList();
  }
}
