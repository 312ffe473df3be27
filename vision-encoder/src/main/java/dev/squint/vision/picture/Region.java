package dev.squint.vision.picture;

/**
 * A rectangle on a picture, in pixels of the upright original. It may extend beyond the picture
 * where a tile is padded.
 *
 * @param left x coordinate of the left edge
 * @param top y coordinate of the upper edge
 * @param right x coordinate of the right edge
 * @param bottom y coordinate of the lower edge
 */
public record Region(double left, double top, double right, double bottom) {

  /**
   * Checks the order of the edges.
   *
   * @throws IllegalArgumentException if the region is empty
   */
  public Region {
    if (!(left < right && top < bottom)) {
      throw new IllegalArgumentException(
          "a region needs left < right and top < bottom but has %s, %s and %s, %s"
              .formatted(left, right, top, bottom));
    }
  }

  /** Returns the region of a whole picture. */
  public static Region whole(Picture picture) {
    return new Region(0, 0, picture.width(), picture.height());
  }

  /**
   * Maps a rectangle on a picture that shows this region to the original.
   *
   * @param shown size of the picture that shows this region
   */
  public Region part(int x, int y, int width, int height, Dimensions shown) {
    double across = (right - left) / shown.width();
    double down = (bottom - top) / shown.height();
    return new Region(
        left + x * across, top + y * down, left + (x + width) * across, top + (y + height) * down);
  }
}
