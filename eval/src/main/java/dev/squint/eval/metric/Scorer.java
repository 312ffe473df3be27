package dev.squint.eval.metric;

import dev.squint.eval.data.Question;

/** Scores one answer. */
@FunctionalInterface
public interface Scorer {

  /** Returns the score of an answer to a question. */
  Score score(String answer, Question question);
}
