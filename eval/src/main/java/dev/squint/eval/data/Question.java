package dev.squint.eval.data;

import java.util.List;
import java.util.Objects;

/**
 * A question of a data set and its right answers.
 *
 * @param id unique in the data set
 * @param pictures names of the pictures, in order; several are the frames of a clip
 * @param text the question's text in the data set
 * @param hint additional text of the data set, such as a passage to read; often empty
 * @param options the answers to choose from, in order of their letters; empty for open questions
 * @param answers at least one; several if several people answered or several wordings are right;
 *     the letter if there are options
 * @param kind category of the question in the data set
 * @param group questions with the same group are scored together, such as the rolled option orders
 *     of one question
 * @param unseen whether the question is about something that the model's training data left out
 * @param boxes boxes of the objects that the question is about; empty if unknown
 * @param history turns of the conversation before the question, the first about the pictures;
 *     usually empty
 */
public record Question(
    String id,
    List<String> pictures,
    String text,
    String hint,
    List<String> options,
    List<String> answers,
    String kind,
    String group,
    boolean unseen,
    List<Box> boxes,
    List<Turn> history) {

  /** A question that was asked before, and its answer. */
  public record Turn(String question, String answer) {}

  /**
   * Checks that there is a question and an answer.
   *
   * @throws IllegalArgumentException if the id, text or answers are missing; the message names the
   *     question
   */
  public Question {
    pictures = List.copyOf(pictures);
    options = List.copyOf(options);
    answers = List.copyOf(answers);
    boxes = List.copyOf(boxes);
    // Files of runs from before there were conversations have none.
    history = List.copyOf(Objects.requireNonNullElse(history, List.of()));
    // MLVU has a question without text but with options; the benchmark scores it like the others.
    boolean nothingToAsk = text.isBlank() && options.isEmpty();
    if (id.isBlank() || nothingToAsk || answers.isEmpty()) {
      throw new IllegalArgumentException(
          "question '%s' needs an id, a text and at least one answer but has text '%s' and %d answers"
              .formatted(id, text, answers.size()));
    }
  }

  /** Creates an open question that is scored alone. */
  public static Question open(
      String id, List<String> pictures, String text, List<String> answers, String kind) {
    return new Question(
        id, pictures, text, "", List.of(), answers, kind, id, false, List.of(), List.of());
  }

  /** Returns the letter of an option, A for 0. */
  public static String letter(int option) {
    return Character.toString('A' + option);
  }

  /** Returns the question with boxes and the mark for objects outside of the training data. */
  public Question about(List<Box> boxes, boolean unseen) {
    return new Question(
        id, pictures, text, hint, options, answers, kind, group, unseen, boxes, history);
  }

  /** Returns the question as the last one of a conversation. */
  public Question after(List<Turn> turns) {
    return new Question(
        id, pictures, text, hint, options, answers, kind, group, unseen, boxes, turns);
  }

  /** Returns a key of its pictures; questions about the same pictures are not independent. */
  public String cluster() {
    return String.join("\n", pictures);
  }
}
