package dev.squint.eval.metric;

import java.util.List;
import java.util.Map;

/** Turns the worth of answers into the figure of a benchmark. */
public interface Aggregate {

  /** The main figure, from 0 to 1, of at least one answer. */
  double of(List<Graded> answers);

  /** What else the benchmark reports, by name. */
  default Map<String, Double> further(List<Graded> answers) {
    return Map.of();
  }
}
