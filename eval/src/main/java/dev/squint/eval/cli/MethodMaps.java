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
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Draws which tokens of one picture each method before the language model keeps. */
final class MethodMaps {

  /**
   * Methods whose map of a single picture is uninformative: they keep all tokens, or all of the
   * global view.
   */
  private static final Set<String> NOTHING_TO_DRAW =
      Set.of("evs", "static-patches", "merge-frames", "dycoke", "in-place", "deepstack", "static");

  private MethodMaps() {}

  /** All methods that act before the language model and whose map is informative. */
  static List<Method> all() {
    return MethodCatalogue.all().methods().stream()
        .filter(method -> point(method).isPresent())
        .filter(method -> !NOTHING_TO_DRAW.contains(method.name()))
        .toList();
  }

  /**
   * The methods of a name that can be drawn; all of this name if none can.
   *
   * @throws IllegalArgumentException if no method has this name
   */
  static List<Method> named(String name) {
    List<Method> named = MethodCatalogue.all().named(name);
    List<Method> drawable = named.stream().filter(method -> point(method).isPresent()).toList();
    return drawable.isEmpty() ? named : drawable;
  }

  private static Optional<Point> point(Method method) {
    return Stream.of(Point.ENCODER, Point.TILES, Point.PATCHES)
        .filter(point -> method.points().contains(point.kind()))
        .findFirst();
  }

  /**
   * The plan to draw; it keeps a quarter of the tokens unless the method sets its own budget.
   *
   * @throws IllegalArgumentException if the method acts neither on tiles or patches nor after the
   *     encoder
   */
  private static PruningPlan plan(Method method) {
    Point point =
        point(method)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "'%s' acts at %s; only methods at tiles, patches or encoder can be drawn"
                            .formatted(method.name(), method.pointNames())));
    String budget = method.budgeting() == Method.Budgeting.ADAPTIVE ? "" : "(keep=0.25)";
    return PruningPlan.parse(point + ":" + method.name() + budget);
  }

  /**
   * Draws a map for each method, as {@code METHOD.png}, or {@code patches-METHOD.png} for one that
   * acts at patches.
   *
   * @return a line for each: the plan, and the tokens that it kept or why the model cannot follow
   *     it
   * @throws IllegalArgumentException if a method acts neither on tiles or patches nor after the
   *     encoder
   * @throws UncheckedIOException if the folder cannot be written
   */
  static List<String> draw(
      VisionLanguageModel model,
      List<Method> methods,
      Picture picture,
      String question,
      Path folder) {
    List<PruningPlan> plans = methods.stream().map(MethodMaps::plan).toList();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create the folder " + folder, e);
    }
    List<String> lines = new ArrayList<>();
    for (PruningPlan plan : plans) {
      lines.add(draw(model, picture, question, folder, plan));
    }
    return lines;
  }

  /** The file of a method's map; methods at patches share names with others. */
  static String file(Method method) {
    boolean ofPatches = method.points().equals(Set.of(Point.Kind.PATCHES));
    return (ofPatches ? "patches-" : "") + method.name() + ".png";
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
    MapFile.write(folder.resolve(file(plan.steps().get(0).method())), model.map(pictures, answer));
    return "%s: %d of %d visual tokens"
        .formatted(plan, answer.keptVisualTokens(), answer.visualTokens());
  }
}
