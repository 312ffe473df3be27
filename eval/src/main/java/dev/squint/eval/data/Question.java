package dev.squint.eval.data;

import java.util.List;

/**
 * A question of a data set and its right answers.
 *
 * @param id unique in its set
 * @param pictures names of its pictures, in order; several are the frames of a clip
 * @param text as the set has it
 * @param answers at least one; several where people were asked or wordings are allowed
 * @param kind what sort of question it is, as the set groups them
 * @param unseen whether it is about something that training left out, as far as the set says
 * @param boxes where the things lie that it asks about, as far as the set says
 */
public record Question(
    String id,
    List<String> pictures,
    String text,
    List<String> answers,
    String kind,
    boolean unseen,
    List<Box> boxes) {

  /**
   * Checks that there is something to ask and to compare with.
   *
   * @throws IllegalArgumentException if the id, text or answers are missing; the message names the
   *     question
   */
  public Question {
    pictures = List.copyOf(pictures);
    answers = List.copyOf(answers);
    boxes = List.copyOf(boxes);
    if (id.isBlank() || text.isBlank() || answers.isEmpty()) {
      throw new IllegalArgumentException(
          "question '%s' needs an id, a text and at least one answer but has text '%s' and %d answers"
              .formatted(id, text, answers.size()));
    }
  }
}
