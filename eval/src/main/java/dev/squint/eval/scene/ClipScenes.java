package dev.squint.eval.scene;

import dev.squint.eval.data.Box;
import dev.squint.eval.scene.Scene.Questions;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Draws four frames: a shape moves, two shapes appear in turn, or one shape appears in some frames.
 */
final class ClipScenes {

  private static final int FRAMES = 4;

  private final Dice dice;
  private final int edge;
  private final List<ShapeKind> kinds;
  private final List<Colour> colours;
  private final List<Color> shades = new ArrayList<>();
  private final List<Canvas> canvases = new ArrayList<>();
  private final Questions questions = new Questions();

  private ClipScenes(Dice dice, int edge) {
    this.dice = dice;
    this.edge = edge;
    kinds = dice.several(Arrays.asList(ShapeKind.values()), 2);
    colours = dice.several(Arrays.asList(Colour.values()), 2);
    colours.forEach(colour -> shades.add(colour.shade(dice)));
    int ground = Canvas.ground(dice, colours);
    for (int t = 0; t < FRAMES; t++) {
      canvases.add(Canvas.of(edge, edge, ground));
    }
  }

  static Scene draw(Dice dice, int edge) {
    ClipScenes clip = new ClipScenes(dice, edge);
    switch (dice.between(0, 2)) {
      case 0 -> clip.moving();
      case 1 -> clip.appearing();
      default -> clip.blinking();
    }
    List<BufferedImage> frames = clip.canvases.stream().map(Canvas::finished).toList();
    return new Scene(frames, clip.questions.all());
  }

  private Box show(int thing, int frame, double x, double y, double r) {
    return canvases.get(frame).fill(kinds.get(thing).outline(x, y, r), shades.get(thing), frame);
  }

  private void moving() {
    String way = dice.of("left", "right", "up", "down");
    boolean across = way.equals("left") || way.equals("right");
    boolean backwards = way.equals("left") || way.equals("up");
    double r = edge * dice.between(0.1, 0.15);
    double lane = dice.between(r + 2, edge - r - 2);
    double from = r + 2;
    double to = edge - r - 2;
    List<Box> boxes = new ArrayList<>();
    for (int t = 0; t < FRAMES; t++) {
      double share = (double) (backwards ? FRAMES - 1 - t : t) / (FRAMES - 1);
      double along = from + (to - from) * share;
      boxes.add(show(0, t, across ? along : lane, across ? lane : along, r));
    }
    ShapeKind kind = kinds.get(0);
    String question = dice.of("Which way does the %s move?", "In which direction does the %s go?");
    questions.add("direction", question.formatted(kind), way, boxes);
    String guess = dice.chance(0.5) ? way : dice.of("left", "right", "up", "down");
    questions.yesNo(
        "direction", "Does the %s move %s?".formatted(kind, guess), guess.equals(way), boxes);
    questions.add(
        "color", "What color is the %s?".formatted(kind), colours.get(0).toString(), boxes);
  }

  private void appearing() {
    List<Integer> starts = dice.several(List.of(0, 1, 2, 3), 2);
    double r = edge * dice.between(0.1, 0.15);
    List<Box> boxes = new ArrayList<>();
    for (int thing = 0; thing < 2; thing++) {
      double x = edge * (thing == 0 ? 0.27 : 0.73);
      double y = dice.between(r + 2, edge - r - 2);
      for (int t = starts.get(thing); t < FRAMES; t++) {
        boxes.add(show(thing, t, x, y, r));
      }
    }
    int first = starts.get(0) < starts.get(1) ? 0 : 1;
    questions.add("order", "Which shape appears first?", kinds.get(first).toString(), boxes);
    questions.add("order", "Which shape appears last?", kinds.get(1 - first).toString(), boxes);
    questions.add(
        "order",
        "What color is the shape that appears first?",
        colours.get(first).toString(),
        boxes);
    questions.yesNo(
        "order",
        "Does the %s appear before the %s?".formatted(kinds.get(0), kinds.get(1)),
        first == 0,
        boxes);
  }

  private void blinking() {
    List<Integer> shown = dice.several(List.of(0, 1, 2, 3), dice.between(1, FRAMES));
    double r = edge * dice.between(0.1, 0.15);
    double x = dice.between(r + 2, edge - r - 2);
    double y = dice.between(r + 2, edge - r - 2);
    List<Box> boxes = new ArrayList<>();
    for (int t = 0; t < FRAMES; t++) {
      if (shown.contains(t)) {
        boxes.add(show(0, t, x, y, r));
      }
    }
    ShapeKind kind = kinds.get(0);
    String question = dice.of("In how many frames is the %s?", "How many frames show the %s?");
    questions.add("events", question.formatted(kind), Integer.toString(shown.size()), boxes);
    questions.yesNo(
        "events", "Is the %s in the first frame?".formatted(kind), shown.contains(0), boxes);
    questions.yesNo(
        "events", "Is the %s in the last frame?".formatted(kind), shown.contains(3), boxes);
    questions.add(
        "color", "What color is the %s?".formatted(kind), colours.get(0).toString(), boxes);
  }
}
