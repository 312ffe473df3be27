package dev.squint.eval.scene;

import dev.squint.eval.data.Box;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * A picture or clip with questions.
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
   * @param question text of the question
   * @param answer the right answer
   * @param kind kind of question
   * @param boxes boxes of the objects that it is about
   */
  record Asked(String question, String answer, String kind, List<Box> boxes) {
    Asked {
      boxes = List.copyOf(boxes);
    }
  }

  /** Collects questions. */
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
