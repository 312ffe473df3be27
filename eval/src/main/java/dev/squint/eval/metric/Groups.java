package dev.squint.eval.metric;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Share of groups in which every answer is right: MMBench's circular evaluation, which asks a
 * question once per rolled order of its options (arXiv 2307.06281). Also reports the mean over
 * single answers.
 */
final class Groups implements Aggregate {

  @Override
  public double of(List<Graded> answers) {
    return answers.stream().collect(Collectors.groupingBy(Graded::group)).values().stream()
        .mapToDouble(group -> group.stream().mapToDouble(a -> a.score().value()).min().orElse(0))
        .average()
        .orElse(0);
  }

  @Override
  public Map<String, Double> further(List<Graded> answers) {
    return Map.of("single_answers", Mean.mean(answers));
  }
}
