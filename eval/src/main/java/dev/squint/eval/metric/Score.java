package dev.squint.eval.metric;

/**
 * Score of one answer.
 *
 * @param value in [0, 1]
 * @param parsed whether an answer could be extracted from the text; otherwise the value is 0
 */
public record Score(double value, boolean parsed) {

  /** Score of a text without a recognizable answer: wrong, without a random guess. */
  public static final Score UNPARSED = new Score(0, false);

  /** Returns 1 for right, 0 for wrong. */
  public static Score of(boolean right) {
    return new Score(right ? 1 : 0, true);
  }
}
