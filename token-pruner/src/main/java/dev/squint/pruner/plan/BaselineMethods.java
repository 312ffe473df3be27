package dev.squint.pruner.plan;

import static dev.squint.pruner.Point.Kind.DECODER;
import static dev.squint.pruner.Point.Kind.ENCODER;
import static dev.squint.pruner.Point.Kind.FRAMES;
import static dev.squint.pruner.Point.Kind.PATCHES;
import static dev.squint.pruner.Point.Kind.TILES;
import static dev.squint.pruner.plan.Method.Budgeting.ADAPTIVE;
import static dev.squint.pruner.plan.Method.Budgeting.EXACT;

import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenSet;
import dev.squint.pruner.method.baseline.AveragePool;
import dev.squint.pruner.method.baseline.KeepAll;
import dev.squint.pruner.method.baseline.RandomChoice;
import dev.squint.pruner.method.baseline.UniformGrid;
import dev.squint.pruner.plan.Method.Budgeting;
import dev.squint.pruner.plan.Method.Faithfulness;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Baselines: every other method must be better than these. */
final class BaselineMethods {
  private static final Set<Point.Kind> AFTER_ENCODER = EnumSet.of(ENCODER, DECODER);
  private static final Set<Point.Kind> ANYWHERE =
      EnumSet.of(FRAMES, TILES, PATCHES, ENCODER, DECODER);
  private static final Set<Point.Kind> ON_TOKENS = EnumSet.of(PATCHES, ENCODER, DECODER);

  // spotless:off
  static final List<Method> ALL = List.of(
      baseline("none", AFTER_ENCODER, ADAPTIVE, new KeepAll(), "every token"),
      baseline("random", ANYWHERE, EXACT, new RandomChoice(0), "a random choice"),
      baseline("uniform-grid", ON_TOKENS, EXACT, new UniformGrid(), "evenly spaced tokens of each tile"),
      baseline("average-pool", AFTER_ENCODER, EXACT, new AveragePool(), "means of neighbouring tokens of each tile"));
  // spotless:on

  private BaselineMethods() {}

  private static Method baseline(
      String name,
      Set<Point.Kind> points,
      Budgeting budgeting,
      Pruner<TokenSet> method,
      String summary) {
    return new Method(
        name,
        summary,
        new Action.Tokens<>(TokenSet.class, method),
        points,
        budgeting,
        "none",
        Faithfulness.BASELINE);
  }
}
