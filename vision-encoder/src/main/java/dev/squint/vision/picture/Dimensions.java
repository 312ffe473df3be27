package dev.squint.vision.picture;

/**
 * Width and height in pixels.
 *
 * @param width at least 1
 * @param height at least 1
 */
public record Dimensions(int width, int height) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one of them is below 1
   */
  public Dimensions {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "width and height must be at least 1 but were %d x %d".formatted(width, height));
    }
  }

  public static Dimensions of(Picture picture) {
    return new Dimensions(picture.width(), picture.height());
  }

  /** Width and height exchanged, as of a picture on its side. */
  public Dimensions exchanged() {
    return new Dimensions(/* width= */ height, /* height= */ width);
  }
}
