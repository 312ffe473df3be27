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

  /**
   * The size with this longest edge and nearly the same aspect ratio. The shorter edge is rounded
   * down, then up to an even number, as in Idefics3's image processors.
   */
  public Dimensions withLongestEdge(int edge) {
    double aspect = (double) width / height;
    boolean wide = width >= height;
    int other = (int) (wide ? edge / aspect : edge * aspect);
    other = Math.max(1, other + other % 2);
    return wide ? new Dimensions(edge, other) : new Dimensions(other, edge);
  }

  /** Width and height exchanged, as of a picture on its side. */
  public Dimensions exchanged() {
    return new Dimensions(/* width= */ height, /* height= */ width);
  }
}
