package dev.squint.eval.metric;

import java.util.List;

/** An aggregate whose main figure is the mean of the answers' scores; it reports others beside. */
interface MeanOfScores extends Aggregate {

  @Override
  default double of(List<Graded> answers) {
    return Mean.mean(answers);
  }

  @Override
  default boolean isMeanOfScores() {
    return true;
  }
}
