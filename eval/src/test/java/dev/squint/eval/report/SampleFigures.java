package dev.squint.eval.report;

import dev.squint.eval.metric.Interval;
import java.util.TreeMap;

/** Figures for tests. */
final class SampleFigures {

  private SampleFigures() {}

  /** Returns the figures of a plan with this accuracy and relative accuracy, without the rest. */
  static Figures of(String plan, double accuracy) {
    return new Figures(
        plan,
        new Interval(accuracy, accuracy, accuracy),
        new TreeMap<>(),
        new TreeMap<>(),
        0,
        accuracy,
        null,
        null,
        null,
        null,
        1,
        new Figures.Tokens(144, 36, 36, 36),
        0,
        0,
        0,
        new TreeMap<>(),
        null,
        0);
  }
}
