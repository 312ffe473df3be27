package dev.squint.llm;

import dev.squint.llm.chat.Message;
import dev.squint.vision.picture.Picture;
import java.util.List;
import java.util.function.IntBinaryOperator;

/** A few questions about drawn pictures, for measuring a model without a data set. */
final class DrawnQuestions {

  private static final int SIDE = 224;
  private static final int RED = 0xd02020;
  private static final int BLUE = 0x2040d0;
  private static final int GREEN = 0x209030;
  private static final int YELLOW = 0xe0c020;

  private DrawnQuestions() {}

  /** The questions, each with one picture. */
  static List<Message> all() {
    return List.of(
        question(
            (x, y) -> disc(x, y, 70, 70, 40) ? RED : square(x, y, 150, 150, 35) ? BLUE : -1,
            "What color is the circle?"),
        question(
            (x, y) -> square(x, y, 60, 160, 30) ? GREEN : disc(x, y, 160, 60, 30) ? YELLOW : -1,
            "What shape is green?"),
        question(
            (x, y) ->
                disc(x, y, 50, 50, 25) || disc(x, y, 170, 70, 25) || disc(x, y, 110, 170, 25)
                    ? BLUE
                    : -1,
            "How many circles are there?"),
        question(
            (x, y) -> x + y < 2 * SIDE / 3 ? YELLOW : square(x, y, 160, 160, 40) ? RED : -1,
            "Is there a red square?"));
  }

  private static boolean disc(int x, int y, int centreX, int centreY, int radius) {
    int right = x - centreX;
    int down = y - centreY;
    return right * right + down * down < radius * radius;
  }

  private static boolean square(int x, int y, int centreX, int centreY, int half) {
    return Math.abs(x - centreX) < half && Math.abs(y - centreY) < half;
  }

  /** On light grey, with the colour of each place; -1 where nothing is drawn. */
  private static Message question(IntBinaryOperator drawing, String text) {
    byte[] rgb = new byte[3 * SIDE * SIDE];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        int drawn = drawing.applyAsInt(x, y);
        int colour = drawn < 0 ? 0xe8e8e8 : drawn;
        int at = 3 * (y * SIDE + x);
        rgb[at] = (byte) (colour >> 16);
        rgb[at + 1] = (byte) (colour >> 8);
        rgb[at + 2] = (byte) colour;
      }
    }
    return Message.user(List.of(new Picture(SIDE, SIDE, rgb)), text);
  }
}
