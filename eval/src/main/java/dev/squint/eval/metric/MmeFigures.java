package dev.squint.eval.metric;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * MME (arXiv 2306.13394). A subtask scores up to 200 points: its accuracy in per cent, plus the
 * percentage of pictures with both questions right. There are ten perception and four cognition
 * subtasks. The main figure is the points divided by the maximum of the subtasks in the data.
 */
final class MmeFigures implements Aggregate {

  private static final double MOST = 200;
  private static final Set<String> COGNITION =
      Set.of(
          "commonsense_reasoning", "numerical_calculation", "text_translation", "code_reasoning");

  @Override
  public double of(List<Graded> answers) {
    Map<String, Double> points = points(answers);
    return points.values().stream().mapToDouble(p -> p).sum() / (MOST * points.size());
  }

  @Override
  public Map<String, Double> further(List<Graded> answers) {
    Map<String, Double> points = points(answers);
    double cognition =
        points.entrySet().stream()
            .filter(entry -> COGNITION.contains(entry.getKey()))
            .mapToDouble(Map.Entry::getValue)
            .sum();
    double all = points.values().stream().mapToDouble(p -> p).sum();
    return Map.of(
        "perception_points", all - cognition, "cognition_points", cognition, "points", all);
  }

  private static Map<String, Double> points(List<Graded> answers) {
    return answers.stream()
        .collect(
            Collectors.groupingBy(
                answer -> answer.question().kind(),
                TreeMap::new,
                Collectors.collectingAndThen(Collectors.toList(), MmeFigures::subtask)));
  }

  private static double subtask(List<Graded> answers) {
    return 100 * Mean.mean(answers) + 100 * new Groups().of(answers);
  }
}
