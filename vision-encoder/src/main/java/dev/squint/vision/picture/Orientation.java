package dev.squint.vision.picture;

/** Turns and mirrors pictures upright, as the EXIF tag "orientation" of their file asks. */
final class Orientation {

  private Orientation() {}

  /** Whether width and height change places. */
  static boolean swapsSides(int orientation) {
    return orientation >= 5;
  }

  /**
   * Gives the picture upright.
   *
   * @param orientation 1 to 8: what the stored rows and columns are of the upright picture
   * @throws IllegalArgumentException if it is another number
   */
  static Picture upright(Picture stored, int orientation) {
    if (orientation < 1 || orientation > 8) {
      throw new IllegalArgumentException("EXIF orientation must be 1 to 8 but was " + orientation);
    }
    if (orientation == 1) {
      return stored;
    }
    // From 5 on rows of the file are columns of the picture.
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
