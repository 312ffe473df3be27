package dev.squint.eval.data;

import java.util.List;

/**
 * A question of a data set and its right answers.
 *
 * @param id unique in its set
 * @param pictures names of its pictures, in order; several are the frames of a clip
 * @param text as the set has it
 * @param hint what the set gives beside the question, such as a text to read; often empty
 * @param options the answers to choose from, in order of their letters; empty for open questions
 * @param answers at least one; several where people were asked or wordings are allowed; the letter
 *     where there are options
 * @param kind what sort of question it is, as the set groups them
 * @param group questions that count together, such as the rolled option orders of one question
 * @param unseen whether it is about something that training left out, as far as the set says
 * @param boxes where the things lie that it asks about, as far as the set says
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
    List<Box> boxes) {

  /**
   * Checks that there is something to ask and to compare with.
   *
   * @throws IllegalArgumentException if the id, text or answers are missing; the message names the
   *     question
   */
  public Question {
    pictures = List.copyOf(pictures);
    options = List.copyOf(options);
    answers = List.copyOf(answers);
    boxes = List.copyOf(boxes);
    // MLVU has a question without a text; benchmarks count it all the same.
    boolean nothingToAsk = text.isBlank() && options.isEmpty();
    if (id.isBlank() || nothingToAsk || answers.isEmpty()) {
      throw new IllegalArgumentException(
          "question '%s' needs an id, a text and at least one answer but has text '%s' and %d answers"
              .formatted(id, text, answers.size()));
    }
  }

  /** An open question that counts by itself. */
  public static Question open(
      String id, List<String> pictures, String text, List<String> answers, String kind) {
    return new Question(id, pictures, text, "", List.of(), answers, kind, id, false, List.of());
  }

  /** The letter of an option, A for 0. */
  public static String letter(int option) {
    return Character.toString('A' + option);
  }

  /** The same with what is known of where the things lie and of what training left out. */
  public Question about(List<Box> boxes, boolean unseen) {
    return new Question(id, pictures, text, hint, options, answers, kind, group, unseen, boxes);
  }

  /** What no two pictures or clips have in common; questions of one cluster are not independent. */
  public String cluster() {
    return String.join("\n", pictures);
  }
}
