package dev.squint.vision.picture;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Resampling filters, with their codes in {@code resample} of {@code preprocessor_config.json}. */
public enum ResampleFilter {
  /** The pixel under the centre. */
  NEAREST(0, 0),
  /** Windowed sinc with three lobes. */
  LANCZOS(1, 3),
  /** Triangle. */
  BILINEAR(2, 1),
  /** Keys' cubic convolution with a = -0.5. */
  BICUBIC(3, 2),
  /** Mean of the covered pixels. */
  BOX(4, 0.5),
  /** Hamming-windowed sinc with one lobe. */
  HAMMING(5, 1);

  private final int code;
  private final double radius;

  ResampleFilter(int code, double radius) {
    this.code = code;
    this.radius = radius;
  }

  /**
   * Finds a filter by its number in {@code preprocessor_config.json}.
   *
   * @throws IllegalArgumentException if there is none; the message lists those there are
   */
  public static ResampleFilter ofCode(int code) {
    for (ResampleFilter filter : values()) {
      if (filter.code == code) {
        return filter;
      }
    }
    throw new IllegalArgumentException(
        "resample is %d but must be one of %s"
            .formatted(
                code,
                Arrays.stream(values())
                    .map(filter -> filter.code + " (" + filter + ")")
                    .collect(Collectors.joining(", "))));
  }

  /** Radius of the filter, in pixels of the coarser picture. */
  double radius() {
    return radius;
  }

  /** The weight at a distance of x pixels from the centre; not normalised. */
  double weight(double x) {
    return switch (this) {
      case NEAREST -> throw new IllegalStateException("nearest has no weights");
      case LANCZOS -> -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0;
      case BILINEAR -> Math.max(0, 1 - Math.abs(x));
      case BICUBIC -> cubic(Math.abs(x));
      case BOX -> -0.5 < x && x <= 0.5 ? 1 : 0;
      case HAMMING ->
          Math.abs(x) < 1 ? sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * Math.abs(x))) : 0;
    };
  }

  private static double sinc(double x) {
    double angle = Math.PI * x;
    return x == 0 ? 1 : Math.sin(angle) / angle;
  }

  private static double cubic(double x) {
    double a = -0.5;
    if (x < 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? ((x - 5) * x + 8) * x * a - 4 * a : 0;
  }
}
