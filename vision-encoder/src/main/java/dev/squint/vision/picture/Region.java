package dev.squint.vision.picture;

/**
 * A rectangle on a picture, in pixels of the picture as it was given (upright). It may reach beyond
 * the picture where a tile is padded.
 *
 * @param left distance of the left edge from that of the picture
 * @param top distance of the upper edge from that of the picture
 * @param right distance of the right edge from the picture's left one
 * @param bottom distance of the lower edge from the picture's upper one
 */
public record Region(double left, double top, double right, double bottom) {

  /**
   * Checks the order of the edges.
   *
   * @throws IllegalArgumentException if there is nothing between them
   */
  public Region {
    if (!(left < right && top < bottom)) {
      throw new IllegalArgumentException(
          "a region needs left < right and top < bottom but has %s, %s and %s, %s"
              .formatted(left, right, top, bottom));
    }
  }

  /** The whole of a picture. */
  public static Region whole(Picture picture) {
    return new Region(0, 0, picture.width(), picture.height());
  }

  /**
   * The part of this region that lies under a rectangle of a picture that shows the region.
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
