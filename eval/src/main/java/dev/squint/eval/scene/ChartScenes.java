package dev.squint.eval.scene;

import dev.squint.eval.data.Box;
import dev.squint.eval.scene.Scene.Questions;
import java.awt.BasicStroke;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Draws a bar chart or a line chart with values from 1 to 9, and asks for values, extremes and
 * comparisons.
 */
final class ChartScenes {

  private static final int MOST = 9;

  private final Dice dice;
  private final int edge;
  private final Canvas canvas;
  private final double left;
  private final double bottom;
  private final double step;
  private final List<Colour> colours;

  private ChartScenes(Dice dice, int edge) {
    this.dice = dice;
    this.edge = edge;
    List<Colour> drawn = new ArrayList<>(Arrays.asList(Colour.values()));
    drawn.removeAll(List.of(Colour.WHITE, Colour.YELLOW));
    colours = dice.several(drawn, dice.between(3, 5));
    int ground = 255;
    canvas = Canvas.of(edge, edge, ground);
    left = edge * 0.16;
    bottom = edge * 0.92;
    step = (bottom - edge * 0.06) / MOST;
    axes();
  }

  static Scene draw(Dice dice, int edge) {
    ChartScenes chart = new ChartScenes(dice, edge);
    return dice.chance(0.6) ? chart.bars() : chart.line();
  }

  private void axes() {
    Graphics2D pen = canvas.pen();
    pen.setColor(canvas.ink());
    pen.setStroke(new BasicStroke(1));
    pen.draw(new Line2D.Double(left, edge * 0.04, left, bottom));
    pen.draw(new Line2D.Double(left, bottom, edge * 0.97, bottom));
    pen.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, Math.max(8, edge / 11)));
    for (int value = 0; value <= MOST; value += 3) {
      double y = bottom - value * step;
      pen.draw(new Line2D.Double(left - 2, y, left, y));
      pen.drawString(Integer.toString(value), (float) (edge * 0.03), (float) (y + edge * 0.035));
    }
  }

  private Scene bars() {
    Questions questions = new Questions();
    int n = colours.size();
    List<Integer> values = values(n);
    double room = (edge * 0.95 - left) / n;
    List<Box> boxes = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      double height = values.get(i) * step;
      Rectangle2D bar =
          new Rectangle2D.Double(left + (i + 0.18) * room, bottom - height, 0.64 * room, height);
      boxes.add(canvas.fill(bar, colours.get(i).shade(dice), 0));
    }
    for (int i = 0; i < n; i++) {
      String question =
          dice.of("What is the value of the %s bar?", "Which value does the %s bar show?");
      questions.add(
          "value",
          question.formatted(colours.get(i)),
          values.get(i).toString(),
          boxes.subList(i, i + 1));
    }
    extreme(questions, "highest", values, Collections.max(values), boxes);
    extreme(questions, "lowest", values, Collections.min(values), boxes);
    int a = dice.between(0, n - 1);
    int b = (a + dice.between(1, n - 1)) % n;
    if (!values.get(a).equals(values.get(b))) {
      questions.yesNo(
          "compare",
          "Is %s higher than %s?".formatted(colours.get(a), colours.get(b)),
          values.get(a) > values.get(b),
          List.of(boxes.get(a), boxes.get(b)));
    }
    questions.add("count", "How many bars are there?", Integer.toString(n), boxes);
    questions.add("kind", "What kind of chart is this?", "bar chart", boxes);
    return new Scene(List.of(canvas.finished()), questions.all());
  }

  private void extreme(
      Questions questions, String word, List<Integer> values, int value, List<Box> boxes) {
    if (Collections.frequency(values, value) == 1) {
      int i = values.indexOf(value);
      questions.add(
          "extreme",
          "Which color is the %s bar?".formatted(word),
          colours.get(i).toString(),
          boxes.subList(i, i + 1));
    }
  }

  private Scene line() {
    Questions questions = new Questions();
    int n = dice.between(4, 6);
    List<Integer> values = values(n);
    Colour colour = colours.get(0);
    Path2D path = new Path2D.Double();
    List<Box> boxes = new ArrayList<>();
    double room = (edge * 0.92 - left) / n;
    for (int i = 0; i < n; i++) {
      double x = left + (i + 0.5) * room;
      double y = bottom - values.get(i) * step;
      if (i == 0) {
        path.moveTo(x, y);
      } else {
        path.lineTo(x, y);
      }
      boxes.add(canvas.box(new Rectangle2D.Double(x - 4, y - 4, 8, 8), 0));
    }
    canvas.pen().setColor(colour.shade(dice));
    canvas.pen().setStroke(new BasicStroke(2));
    canvas.pen().draw(path);
    for (Box box : boxes) {
      double x = (box.left() + box.right()) / 2;
      double y = (box.top() + box.bottom()) / 2;
      canvas.pen().fill(ShapeKind.CIRCLE.outline(x, y, 2.6));
    }
    int first = values.get(0);
    int last = values.get(n - 1);
    questions.add(
        "value", "What is the first value?", Integer.toString(first), boxes.subList(0, 1));
    questions.add(
        "value", "What is the last value?", Integer.toString(last), boxes.subList(n - 1, n));
    int highest = Collections.max(values);
    int at = values.indexOf(highest);
    questions.add(
        "value",
        "What is the highest value?",
        Integer.toString(highest),
        boxes.subList(at, at + 1));
    if (first != last) {
      questions.yesNo(
          "compare",
          "Does the line end higher than it starts?",
          last > first,
          List.of(boxes.get(0), boxes.get(n - 1)));
    }
    questions.add("count", "How many points are there?", Integer.toString(n), boxes);
    questions.add("color", "What color is the line?", colour.toString(), boxes);
    questions.add("kind", "What kind of chart is this?", "line chart", boxes);
    return new Scene(List.of(canvas.finished()), questions.all());
  }

  private List<Integer> values(int n) {
    List<Integer> values = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      values.add(dice.between(1, MOST));
    }
    return values;
  }
}
