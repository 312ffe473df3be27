package dev.squint.eval.metric;

import dev.squint.eval.data.Question;

/**
 * An answer with its score.
 *
 * @param question the question
 * @param group questions with the same group are scored together; a bootstrap sample renames the
 *     groups of a picture that is drawn twice
 * @param answer the model's answer
 * @param score its score
 */
public record Graded(Question question, String group, String answer, Score score) {

  /** Returns the question without an answer, scored as wrong. */
  public Graded failed() {
    return new Graded(question, group, "", Score.UNPARSED);
  }
}
