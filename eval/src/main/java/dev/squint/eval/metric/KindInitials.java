package dev.squint.eval.metric;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The mean over all answers, and the means over the kinds with the same first letter: causal (C),
 * temporal (T) and descriptive (D) questions of NExT-QA.
 */
final class KindInitials implements Aggregate {

  @Override
  public double of(List<Graded> answers) {
    return Mean.mean(answers);
  }

  @Override
  public Map<String, Double> further(List<Graded> answers) {
    return answers.stream()
        .collect(
            Collectors.groupingBy(
                answer -> answer.question().kind().substring(0, 1),
                TreeMap::new,
                Collectors.averagingDouble(answer -> answer.score().value())));
  }
}
