package dev.squint.eval.cli;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Draws what each method that acts before the language model keeps of one picture. */
final class MethodMaps {

  private MethodMaps() {}

  /** The plans to draw, one a method, each keeping a quarter unless it decides by itself. */
  static List<PruningPlan> plans() {
    List<PruningPlan> plans = new ArrayList<>();
    for (Method method : MethodCatalogue.all().methods()) {
      for (Point point : List.of(Point.ENCODER, Point.TILES)) {
        if (method.points().contains(point.kind())) {
          String budget = method.budgeting() == Method.Budgeting.ADAPTIVE ? "" : "(keep=0.25)";
          plans.add(PruningPlan.parse(point + ":" + method.name() + budget));
          break;
        }
      }
    }
    return plans;
  }

  /**
   * Draws them, each as {@code METHOD.png}.
   *
   * @return a line for each: the plan, and the tokens that it kept or why the model cannot follow
   *     it
   * @throws UncheckedIOException if the folder cannot be written
   */
  static List<String> draw(
      VisionLanguageModel model, Picture picture, String question, Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder " + folder, e);
    }
    List<String> lines = new ArrayList<>();
    for (PruningPlan plan : plans()) {
      lines.add(draw(model, picture, question, folder, plan));
    }
    return lines;
  }

  private static String draw(
      VisionLanguageModel model, Picture picture, String question, Path folder, PruningPlan plan) {
    try {
      model.check(plan);
    } catch (IllegalArgumentException e) {
      return "%s: not drawn, %s".formatted(plan, e.getMessage());
    }
    List<Picture> pictures = List.of(picture);
    Answer answer =
        model.ask(pictures, question, AskOptions.DEFAULT.withPlan(plan).withMaxTokens(1));
    String method = plan.steps().get(0).method().name();
    KeptMap.write(folder.resolve(method + ".png"), model.map(pictures, answer));
    return "%s: %d of %d visual tokens"
        .formatted(plan, answer.keptVisualTokens(), answer.visualTokens());
  }
}
