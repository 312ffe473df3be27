package dev.squint.eval.scene;

import dev.squint.eval.data.Box;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * A picture or clip and what can be asked about it.
 *
 * @param frames one picture, or the frames of a clip
 * @param asked questions with their answers
 */
record Scene(List<BufferedImage> frames, List<Asked> asked) {

  Scene {
    frames = List.copyOf(frames);
    asked = List.copyOf(asked);
  }

  /**
   * A question.
   *
   * @param question what is asked
   * @param answer the right answer
   * @param kind what sort of question it is
   * @param boxes of the things that it asks about
   */
  record Asked(String question, String answer, String kind, List<Box> boxes) {
    Asked {
      boxes = List.copyOf(boxes);
    }
  }

  /** Questions while they are gathered. */
  static final class Questions {

    private final List<Asked> asked = new ArrayList<>();

    void add(String kind, String question, String answer, List<Box> boxes) {
      asked.add(new Asked(question, answer, kind, boxes));
    }

    void yesNo(String kind, String question, boolean yes, List<Box> boxes) {
      add(kind, question, yes ? "yes" : "no", boxes);
    }

    List<Asked> all() {
      return asked;
    }
  }
}
