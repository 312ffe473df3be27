package dev.squint.eval.metric;

import java.util.List;
import java.util.Map;

/** Combines the scores of answers into the figures of a benchmark. */
public interface Aggregate {

  /** Returns the main figure of at least one answer, in [0, 1]. */
  double of(List<Graded> answers);

  /** Whether the main figure is the mean of the answers' scores. */
  default boolean isMeanOfScores() {
    return false;
  }

  /** Returns the other figures that the benchmark reports, by name. */
  default Map<String, Double> further(List<Graded> answers) {
    return Map.of();
  }
}
