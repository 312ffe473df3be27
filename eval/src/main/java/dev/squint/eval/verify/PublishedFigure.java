package dev.squint.eval.verify;

import dev.squint.eval.metric.Interval;

/**
 * A figure with its interval as a page or a result file shows it.
 *
 * @param where file and line of the page, or the run's folder
 * @param set name of the data set
 * @param plan the plan's text
 * @param shown the figure, from 0 to 1
 * @param rounding by how much the page may have rounded it
 */
public record PublishedFigure(
    String where, String set, String plan, Interval shown, double rounding) {

  /** Whether a value of the result file was rounded to what the page shows. */
  boolean shows(Interval file) {
    return near(shown.value(), file.value())
        && near(shown.low(), file.low())
        && near(shown.high(), file.high());
  }

  // Result files have six decimals, and ties may be rounded either way.
  private boolean near(double page, double file) {
    return Math.abs(page - file) <= rounding + 1e-6;
  }
}
