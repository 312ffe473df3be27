package dev.squint.eval.metric;

/**
 * What one answer is worth.
 *
 * @param value from 0 to 1
 * @param parsed whether the answer could be read at all; one that could not is worth 0
 */
public record Score(double value, boolean parsed) {

  /** An answer that cannot be read. Wrong, never guessed for. */
  public static final Score UNPARSED = new Score(0, false);

  /** Right or wrong. */
  public static Score of(boolean right) {
    return new Score(right ? 1 : 0, true);
  }
}
