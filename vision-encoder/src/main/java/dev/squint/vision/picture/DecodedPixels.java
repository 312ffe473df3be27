package dev.squint.vision.picture;

import org.jspecify.annotations.Nullable;

/**
 * A decoded picture with its transparency.
 *
 * @param rgb the colours, transparency ignored
 * @param alpha opacity of each pixel, 0 to 255, [height, width]; null if all are opaque
 */
record DecodedPixels(Picture rgb, byte @Nullable [] alpha) {

  /** The picture on a ground of one colour, 0xRRGGBB, rounded as Pillow's {@code paste} does. */
  Picture on(int ground) {
    if (alpha == null) {
      return rgb;
    }
    byte[] from = rgb.rgb();
    byte[] to = new byte[from.length];
    for (int pixel = 0; pixel < alpha.length; pixel++) {
      int opacity = alpha[pixel] & 0xff;
      for (int colour = 0; colour < 3; colour++) {
        int below = ground >> (16 - 8 * colour) & 0xff;
        int above = from[3 * pixel + colour] & 0xff;
        to[3 * pixel + colour] = (byte) dividedBy255(below * (255 - opacity) + above * opacity);
      }
    }
    return new Picture(rgb.width(), rgb.height(), to);
  }

  /** Rounded quotient of a product of two bytes, as in Pillow. */
  static int dividedBy255(int product) {
    int rounded = product + 128;
    return ((rounded >> 8) + rounded) >> 8;
  }
}
