package dev.squint.eval.scene;

import dev.squint.eval.data.Box;
import dev.squint.eval.scene.Scene.Questions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * Draws one to five shapes without overlap, and asks for shape, colour, position, count and
 * relations.
 */
final class ShapeScenes {

  private static final int GAP = 3;
  private static final String[][] PLACES = {
    {"top left", "top", "top right"},
    {"left", "center", "right"},
    {"bottom left", "bottom", "bottom right"}
  };

  private final Dice dice;
  private final int edge;
  private final List<Item> items = new ArrayList<>();
  private final Questions questions = new Questions();

  private ShapeScenes(Dice dice, int edge) {
    this.dice = dice;
    this.edge = edge;
  }

  private record Item(
      ShapeKind kind, Colour colour, boolean large, double x, double y, double r, Box box) {
    String name() {
      return colour + " " + kind;
    }
  }

  static Scene draw(Dice dice, int edge) {
    return new ShapeScenes(dice, edge).scene();
  }

  private Scene scene() {
    int count = dice.between(1, 5);
    List<Colour> colours = dice.several(Arrays.asList(Colour.values()), Math.max(1, count - 1));
    List<ShapeKind> kinds = dice.several(Arrays.asList(ShapeKind.values()), Math.max(1, count - 1));
    Canvas canvas = Canvas.of(edge, edge, Canvas.ground(dice, colours));
    for (int i = 0; i < count; i++) {
      place(canvas, dice.of(kinds), dice.of(colours));
    }
    ask();
    return new Scene(List.of(canvas.finished()), questions.all());
  }

  private void place(Canvas canvas, ShapeKind kind, Colour colour) {
    boolean large = dice.chance(0.5);
    double unit = edge / 96.0;
    double r = unit * (large ? dice.between(14.5, 18.0) : dice.between(7.5, 10.0));
    for (int tries = 0; tries < 80; tries++) {
      double x = dice.between(r + 1, edge - r - 1);
      double y = dice.between(r + 1, edge - r - 1);
      if (items.stream().allMatch(o -> Math.hypot(o.x - x, o.y - y) > o.r + r + GAP)) {
        Box box = canvas.fill(kind.outline(x, y, r), colour.shade(dice), 0);
        items.add(new Item(kind, colour, large, x, y, r, box));
        return;
      }
    }
  }

  private void ask() {
    for (Item item : items) {
      List<Box> box = List.of(item.box);
      if (count(o -> o.colour == item.colour) == 1) {
        String question =
            dice.of("What shape is the %s object?", "What is the %s shape?", "Which shape is %s?");
        questions.add("kind", question.formatted(item.colour), item.kind.toString(), box);
      }
      if (count(o -> o.kind == item.kind) == 1) {
        String question =
            dice.of(
                "What color is the %s?",
                "What is the color of the %s?", "Which color does the %s have?");
        questions.add("color", question.formatted(item.kind), item.colour.toString(), box);
      }
      if (count(o -> o.name().equals(item.name())) == 1) {
        where(item);
        questions.add(
            "size",
            dice.of("Is the %s small or large?", "What size is the %s?").formatted(item.name()),
            item.large ? "large" : "small",
            box);
      }
    }
    exist();
    count();
    relate();
  }

  // Only if the centre is clearly inside one of the nine fields.
  private void where(Item item) {
    double col = 3 * item.x / edge;
    double row = 3 * item.y / edge;
    if (isClear(col) && isClear(row)) {
      String place = PLACES[(int) Math.min(2, row)][(int) Math.min(2, col)];
      String question = dice.of("Where is the %s?", "In which part of the picture is the %s?");
      questions.add("position", question.formatted(item.name()), place, List.of(item.box));
    }
  }

  private static boolean isClear(double field) {
    double inside = field % 1;
    return Math.min(inside, 1 - inside) > 0.12 || field < 0.5 || field > 2.5;
  }

  private void exist() {
    String form = dice.of("Is there a %s?", "Do you see a %s?", "Does the picture show a %s?");
    Item item = dice.of(items);
    questions.yesNo(
        "exist", withArticle(form, item.name()), true, boxes(o -> o.name().equals(item.name())));
    for (int tries = 0; tries < 50; tries++) {
      // A colour and a kind from the picture, possibly of different shapes.
      String name = "%s %s".formatted(dice.of(items).colour, dice.of(ShapeKind.values()));
      if (count(o -> o.name().equals(name)) == 0) {
        questions.yesNo("exist", withArticle(form, name), false, List.of());
        return;
      }
    }
  }

  private static String withArticle(String form, String name) {
    boolean vowel = "aeiou".indexOf(name.charAt(0)) >= 0;
    return (vowel ? form.replace(" a %s", " an %s") : form).formatted(name);
  }

  private void count() {
    questions.add(
        "count",
        dice.of("How many shapes are there?", "How many objects are in the picture?"),
        Integer.toString(items.size()),
        boxes(o -> true));
    ShapeKind kind = dice.chance(0.8) ? dice.of(items).kind : dice.of(ShapeKind.values());
    questions.add(
        "count",
        dice.of("How many %s are there?", "How many %s do you see?").formatted(kind.plural()),
        Long.toString(count(o -> o.kind == kind)),
        boxes(o -> o.kind == kind));
    Colour colour = dice.of(items).colour;
    questions.add(
        "count",
        "How many %s shapes are there?".formatted(colour),
        Long.toString(count(o -> o.colour == colour)),
        boxes(o -> o.colour == colour));
  }

  private void relate() {
    List<Item> named =
        items.stream().filter(o -> count(p -> p.name().equals(o.name())) == 1).toList();
    if (named.size() < 2) {
      return;
    }
    List<Item> pair = dice.several(named, 2);
    Item a = pair.get(0);
    Item b = pair.get(1);
    List<Box> boxes = List.of(a.box, b.box);
    if (Math.abs(a.x - b.x) > a.r + b.r) {
      questions.yesNo(
          "relation", "Is the %s left of the %s?".formatted(a.name(), b.name()), a.x < b.x, boxes);
    }
    if (Math.abs(a.y - b.y) > a.r + b.r) {
      questions.yesNo(
          "relation", "Is the %s above the %s?".formatted(a.name(), b.name()), a.y < b.y, boxes);
    }
    if (a.kind != b.kind) {
      questions.yesNo(
          "compare",
          "Are there more %s than %s?".formatted(a.kind.plural(), b.kind.plural()),
          count(o -> o.kind == a.kind) > count(o -> o.kind == b.kind),
          boxes(o -> o.kind == a.kind || o.kind == b.kind));
    }
  }

  private long count(Predicate<Item> which) {
    return items.stream().filter(which).count();
  }

  private List<Box> boxes(Predicate<Item> which) {
    return items.stream().filter(which).map(Item::box).toList();
  }
}
