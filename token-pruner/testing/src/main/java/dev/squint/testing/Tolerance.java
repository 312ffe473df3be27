package dev.squint.testing;

/**
 * Allowed difference from an expected value: {@code absolute + relative * scale}, where the scale
 * is the largest magnitude among the expected values.
 *
 * <p>The order of a sum, and with it the rounding, differs between processors (AVX2, AVX-512, NEON)
 * by a share of the largest summands; so results of ONNX Runtime are compared relative to the
 * scale.
 *
 * @param absolute the part that does not depend on the scale, at least 0
 * @param relative the share of the scale, at least 0
 */
public record Tolerance(double absolute, double relative) {

  public Tolerance {
    if (!(absolute >= 0) || !(relative >= 0)) {
      throw new IllegalArgumentException(
          "a tolerance must be at least 0 but was %s + %s of the scale"
              .formatted(absolute, relative));
    }
  }

  /** A share of the largest expected magnitude. */
  public static Tolerance relative(double share) {
    return new Tolerance(0, share);
  }

  /** A fixed difference for values of any size. */
  public static Tolerance absolute(double most) {
    return new Tolerance(most, 0);
  }

  double allowed(double scale) {
    return absolute + relative * scale;
  }
}
