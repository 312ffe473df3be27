package dev.squint.eval.scene;

import dev.squint.eval.data.Box;
import dev.squint.eval.scene.Scene.Questions;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.awt.font.GlyphVector;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;

/** Draws a short word or number, and asks for its text, letters and colour. */
final class TextScenes {

  private static final List<String> WORDS =
      List.of(
          "ANT", "BAG", "BED", "CAP", "COW", "DOG", "EAR", "FIG", "FOX", "GUM", "HAT", "ICE", "JAM",
          "KEY", "LEG", "MAP", "NUT", "OWL", "PEN", "RUG", "SUN", "TOY", "VAN", "WEB", "ZIP",
          "BAND", "BOOK", "CAKE", "DOOR", "EXIT", "FISH", "GATE", "HOME", "KING", "LAMP", "MOON",
          "NOTE", "OPEN", "PARK", "RAIN", "SALE", "STOP", "TAXI", "WIND", "YARD", "ZONE");
  private static final List<String> FONTS = List.of(Font.SANS_SERIF, Font.SERIF, Font.MONOSPACED);
  private static final List<Colour> INKS =
      List.of(Colour.BLACK, Colour.RED, Colour.BLUE, Colour.GREEN, Colour.PURPLE, Colour.BROWN);
  private static final double WIDEST = 0.84;

  private TextScenes() {}

  static Scene draw(Dice dice, int edge) {
    boolean number = dice.chance(0.35);
    String text = number ? digits(dice) : dice.of(WORDS);
    Colour colour = dice.of(INKS);
    Canvas canvas = Canvas.of(edge, edge, Canvas.ground(dice, List.of(colour)));
    GlyphVector glyphs = glyphs(dice, edge, text);
    Rectangle2D bounds = glyphs.getVisualBounds();
    double x = dice.between(2, edge - bounds.getWidth() - 2) - bounds.getX();
    double y = dice.between(2, edge - bounds.getHeight() - 2) - bounds.getY();
    canvas.pen().setColor(colour.shade(dice));
    canvas.pen().drawGlyphVector(glyphs, (float) x, (float) y);
    List<Box> letters = new ArrayList<>();
    for (int i = 0; i < text.length(); i++) {
      Rectangle2D glyph = glyphs.getGlyphVisualBounds(i).getBounds2D();
      glyph.setRect(glyph.getX() + x, glyph.getY() + y, glyph.getWidth(), glyph.getHeight());
      letters.add(canvas.box(glyph, 0));
    }
    return new Scene(List.of(canvas.finished()), ask(dice, text, number, colour, letters));
  }

  private static String digits(Dice dice) {
    StringBuilder digits = new StringBuilder();
    digits.append(dice.between(1, 9));
    for (int i = dice.between(1, 3); i > 0; i--) {
      digits.append(dice.between(0, 9));
    }
    return digits.toString();
  }

  private static GlyphVector glyphs(Dice dice, int edge, String text) {
    Font font = new Font(dice.of(FONTS), dice.chance(0.6) ? Font.BOLD : Font.PLAIN, 10);
    FontRenderContext context = new FontRenderContext(null, true, true);
    double atTen = font.createGlyphVector(context, text).getVisualBounds().getWidth();
    double widest = 10 * WIDEST * edge / atTen;
    double size = Math.min(widest, edge * dice.between(0.2, 0.4));
    return font.deriveFont((float) size).createGlyphVector(context, text);
  }

  private static List<Scene.Asked> ask(
      Dice dice, String text, boolean number, Colour colour, List<Box> letters) {
    Questions questions = new Questions();
    String read =
        number
            ? dice.of("What number is shown?", "Which number do you see?")
            : dice.of(
                "What word is shown?", "What does the text say?", "Which word is written here?");
    questions.add("read", read, text, letters);
    String unit = number ? "digit" : "letter";
    int last = text.length() - 1;
    questions.add(
        "letter",
        "What is the first %s?".formatted(unit),
        text.substring(0, 1),
        letters.subList(0, 1));
    questions.add(
        "letter",
        "What is the last %s?".formatted(unit),
        text.substring(last),
        letters.subList(last, last + 1));
    questions.add(
        "count",
        "How many %ss are there?".formatted(unit),
        Integer.toString(text.length()),
        letters);
    questions.add("color", "What color is the text?", colour.toString(), letters);
    String other = number ? digits(dice) : dice.of(WORDS);
    String asked = dice.chance(0.5) ? text : other;
    questions.yesNo(
        "exist",
        "Is the %s %s written here?".formatted(number ? "number" : "word", asked),
        asked.equals(text),
        letters);
    return questions.all();
  }
}
