package dev.squint.testing;

import java.util.Locale;
import java.util.function.IntToDoubleFunction;

/** Compares floats within a tolerance; a failure reports only the worst element. */
// The annotation would add a library to the test class path of every module.
@SuppressWarnings("AnnotateFormatMethod")
public final class Closeness {

  private Closeness() {}

  /**
   * Fails unless both have the same length and every element is within the tolerance. Infinities
   * must be equal, and nothing is close to NaN.
   *
   * @param what name of the values for the message, a format for the arguments
   * @throws AssertionError with the worst element
   */
  public static void assertClose(
      float[] actual, float[] expected, Tolerance tolerance, String what, Object... arguments) {
    if (actual.length != expected.length) {
      throw new AssertionError(
          "%s: expected %d values but got %d"
              .formatted(what.formatted(arguments), expected.length, actual.length));
    }
    check(
        expected.length,
        i -> actual[i],
        i -> expected[i],
        scale(expected),
        tolerance,
        what,
        arguments);
  }

  /** The same for one value, whose scale is its own magnitude. */
  public static void assertClose(
      double actual, double expected, Tolerance tolerance, String what, Object... arguments) {
    assertCloseAt(magnitude(expected), actual, expected, tolerance, what, arguments);
  }

  /**
   * The same for one of many values.
   *
   * @param scale the largest magnitude of the values
   */
  public static void assertCloseAt(
      double scale,
      double actual,
      double expected,
      Tolerance tolerance,
      String what,
      Object... arguments) {
    check(1, i -> actual, i -> expected, scale, tolerance, what, arguments);
  }

  /** The largest finite magnitude; 0 where there is none. */
  public static double scale(float[] values) {
    double scale = 0;
    for (float value : values) {
      scale = Math.max(scale, magnitude(value));
    }
    return scale;
  }

  private static double magnitude(double value) {
    return Double.isFinite(value) ? Math.abs(value) : 0;
  }

  private static void check(
      int length,
      IntToDoubleFunction actual,
      IntToDoubleFunction expected,
      double scale,
      Tolerance tolerance,
      String what,
      Object... arguments) {
    double worst = 0;
    int at = 0;
    for (int i = 0; i < length; i++) {
      double difference = difference(actual.applyAsDouble(i), expected.applyAsDouble(i));
      if (difference > worst) {
        worst = difference;
        at = i;
      }
    }
    double allowed = tolerance.allowed(scale);
    Spreads.note(worst, scale, tolerance);
    if (!(worst <= allowed)) {
      throw new AssertionError(
          String.format(
              Locale.ROOT,
              "%s: element %d of %d is the worst: expected %s but was %s, a difference of %.3g;"
                  + " the allowed difference is %.3g at the scale %.3g",
              what.formatted(arguments),
              at,
              length,
              text(expected.applyAsDouble(at)),
              text(actual.applyAsDouble(at)),
              worst,
              allowed,
              scale));
    }
  }

  private static double difference(double actual, double expected) {
    if (Double.compare(actual, expected) == 0 && !Double.isNaN(actual)) {
      return 0;
    }
    double difference = Math.abs(actual - expected);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }

  private static String text(double value) {
    return (float) value == value ? Float.toString((float) value) : Double.toString(value);
  }
}
