package dev.squint.eval.metric;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * NLVR's figures (Suhr et al., ACL 2017): the share of right answers, and the share of sentences
 * all of whose pictures have right answers.
 */
final class Consistency implements Aggregate {

  @Override
  public double of(List<Graded> answers) {
    return Mean.mean(answers);
  }

  @Override
  public boolean isMeanOfScores() {
    return true;
  }

  @Override
  public Map<String, Double> further(List<Graded> answers) {
    double consistent =
        answers.stream().collect(Collectors.groupingBy(Graded::group)).values().stream()
            .mapToDouble(group -> group.stream().allMatch(a -> a.score().value() == 1) ? 1 : 0)
            .average()
            .orElse(0);
    return Map.of("consistency", consistent);
  }
}
