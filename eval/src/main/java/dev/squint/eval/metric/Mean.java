package dev.squint.eval.metric;

import java.util.List;
import java.util.stream.Collectors;

/** Means over answers. */
public enum Mean implements Aggregate {
  /** Over all answers. */
  ALL {
    @Override
    public double of(List<Graded> answers) {
      return mean(answers);
    }

    @Override
    public boolean isMeanOfScores() {
      return true;
    }
  },
  /** Over non-empty answers (lmms-eval on MVBench). */
  NON_EMPTY {
    @Override
    public double of(List<Graded> answers) {
      return mean(answers.stream().filter(answer -> !answer.answer().isBlank()).toList());
    }
  },
  /** Over the means of the kinds of questions (MLVU; lmms-eval on MMStar). */
  OF_KINDS {
    @Override
    public double of(List<Graded> answers) {
      return answers.stream()
          .collect(Collectors.groupingBy(answer -> answer.question().kind()))
          .values()
          .stream()
          .mapToDouble(Mean::mean)
          .average()
          .orElse(0);
    }
  };

  static double mean(List<Graded> answers) {
    return answers.stream().mapToDouble(answer -> answer.score().value()).average().orElse(0);
  }
}
