package dev.squint.eval.report;

import dev.squint.eval.metric.Interval;
import java.util.TreeMap;

/** Figures for tests. */
final class SampleFigures {

  private SampleFigures() {}

  /** Returns the figures of a plan with this accuracy and relative accuracy, without the rest. */
  static Figures of(String plan, double accuracy) {
    return of(plan, accuracy, 36);
  }

  /** As {@link #of(String, double)} with this number of visual tokens in a layer. */
  static Figures of(String plan, double accuracy, double tokens) {
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
        new Figures.Tokens(144, tokens, tokens, tokens),
        0,
        0,
        0,
        new TreeMap<>(),
        null,
        0);
  }
}
