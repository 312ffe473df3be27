package dev.squint.vision.picture;

/** Makes pictures upright by an EXIF orientation. */
final class Orientation {

  private Orientation() {}

  /** Whether width and height are exchanged. */
  static boolean swapsSides(int orientation) {
    return orientation >= 5;
  }

  /**
   * Returns the upright picture.
   *
   * @param orientation EXIF orientation of the stored picture, 1 to 8
   * @throws IllegalArgumentException if it is another number
   */
  static Picture upright(Picture stored, int orientation) {
    if (orientation < 1 || orientation > 8) {
      throw new IllegalArgumentException("EXIF orientation must be 1 to 8 but was " + orientation);
    }
    if (orientation == 1) {
      return stored;
    }
    // From 5 on, stored rows are columns of the upright picture.
    boolean swapped = swapsSides(orientation);
    boolean fromRight =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    boolean fromBottom =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    int width = swapped ? stored.height() : stored.width();
    int height = swapped ? stored.width() : stored.height();
    byte[] from = stored.rgb();
    byte[] to = new byte[from.length];
    int at = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++, at += 3) {
        int storedX = swapped ? y : x;
        int storedY = swapped ? x : y;
        storedX = fromRight ? stored.width() - 1 - storedX : storedX;
        storedY = fromBottom ? stored.height() - 1 - storedY : storedY;
        int pixel = 3 * (storedY * stored.width() + storedX);
        to[at] = from[pixel];
        to[at + 1] = from[pixel + 1];
        to[at + 2] = from[pixel + 2];
      }
    }
    return new Picture(width, height, to);
  }
}
