package dev.squint.eval.metric;

import dev.squint.eval.data.Question;

/** Says what one answer is worth. */
@FunctionalInterface
public interface Scorer {

  /** The worth of an answer to a question. */
  Score score(String answer, Question question);
}
