package dev.squint.eval.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * 95 % percentile bootstrap intervals of a mean. Answers about the same picture are correlated, so
 * pictures are resampled instead of questions (cluster bootstrap).
 */
public final class Bootstrap {

  private static final int DRAWS = 2000;
  private static final long SEED = 20260101;

  private Bootstrap() {}

  /**
   * Returns the mean of values and its interval.
   *
   * @param clusters cluster of each value, [N]
   * @param values [N]; to compare two plans, the differences per question
   * @throws IllegalArgumentException if there is no value or the lengths differ
   */
  public static Interval mean(List<String> clusters, double[] values) {
    if (values.length == 0 || values.length != clusters.size()) {
      throw new IllegalArgumentException(
          "%d values came with %d clusters; at least one of each is needed"
              .formatted(values.length, clusters.size()));
    }
    Map<String, double[]> totals = new LinkedHashMap<>();
    for (int i = 0; i < values.length; i++) {
      double[] total = totals.computeIfAbsent(clusters.get(i), name -> new double[2]);
      total[0] += values[i];
      total[1]++;
    }
    List<double[]> sums = new ArrayList<>(totals.values());
    double[] means = new double[DRAWS];
    SplittableRandom random = new SplittableRandom(SEED);
    for (int draw = 0; draw < DRAWS; draw++) {
      double sum = 0;
      double count = 0;
      for (int i = 0; i < sums.size(); i++) {
        double[] total = sums.get(random.nextInt(sums.size()));
        sum += total[0];
        count += total[1];
      }
      means[draw] = sum / count;
    }
    Arrays.sort(means);
    return new Interval(
        Arrays.stream(values).sum() / values.length,
        quantile(means, 0.025),
        quantile(means, 0.975));
  }

  /**
   * Returns the main figure of an aggregate and its interval.
   *
   * @throws IllegalArgumentException if there is no answer
   */
  public static Interval of(List<Graded> answers, Aggregate aggregate) {
    if (aggregate.isMeanOfScores()) {
      return mean(
          answers.stream().map(answer -> answer.question().cluster()).toList(),
          answers.stream().mapToDouble(answer -> answer.score().value()).toArray());
    }
    if (answers.isEmpty()) {
      throw new IllegalArgumentException("a figure needs at least one answer");
    }
    List<List<Graded>> clusters =
        List.copyOf(
            answers.stream()
                .collect(
                    Collectors.groupingBy(
                        answer -> answer.question().cluster(),
                        LinkedHashMap::new,
                        Collectors.toList()))
                .values());
    double[] figures = new double[DRAWS];
    SplittableRandom random = new SplittableRandom(SEED);
    for (int draw = 0; draw < DRAWS; draw++) {
      List<Graded> drawn = new ArrayList<>(answers.size());
      for (int i = 0; i < clusters.size(); i++) {
        // A picture that is drawn twice counts as two pictures with separate groups.
        int copy = i;
        for (Graded answer : clusters.get(random.nextInt(clusters.size()))) {
          drawn.add(
              new Graded(
                  answer.question(), answer.group() + "#" + copy, answer.answer(), answer.score()));
        }
      }
      figures[draw] = aggregate.of(drawn);
    }
    Arrays.sort(figures);
    return new Interval(aggregate.of(answers), quantile(figures, 0.025), quantile(figures, 0.975));
  }

  private static double quantile(double[] ascending, double share) {
    return ascending[(int) Math.round(share * (ascending.length - 1))];
  }
}
