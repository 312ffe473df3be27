package dev.squint.vision.video;

import dev.squint.vision.picture.Picture;

/**
 * Frames of 128 x 96 that tell their number and which side is up: eight blocks in the upper third
 * hold the number, the lowest bit at the left, white for 1; below them red at the left and blue at
 * the right; the lower third is green.
 */
final class Painted {

  static final int WIDTH = 128;
  static final int HEIGHT = 96;

  private static final int BITS = 8;
  private static final int THIRD = HEIGHT / 3;

  private Painted() {}

  static Picture frame(int number) {
    byte[] rgb = new byte[3 * WIDTH * HEIGHT];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int colour;
        if (y < THIRD) {
          colour = (number >> (x * BITS / WIDTH) & 1) == 1 ? 0xffffff : 0;
        } else if (y < 2 * THIRD) {
          colour = x < WIDTH / 4 ? 0xdc1414 : x < WIDTH * 3 / 4 ? 0x808080 : 0x1414dc;
        } else {
          colour = 0x14a014;
        }
        int at = 3 * (y * WIDTH + x);
        rgb[at] = (byte) (colour >> 16);
        rgb[at + 1] = (byte) (colour >> 8);
        rgb[at + 2] = (byte) colour;
      }
    }
    return new Picture(WIDTH, HEIGHT, rgb);
  }

  /** The number of a frame of any size, -1 if it is not upright. */
  static int number(Picture picture) {
    int width = picture.width();
    int height = picture.height();
    boolean upright =
        strongest(picture, width / 8, height / 2) == 0
            && strongest(picture, width * 7 / 8, height / 2) == 2
            && strongest(picture, width / 2, height * 5 / 6) == 1;
    if (!upright) {
      return -1;
    }
    int number = 0;
    for (int bit = 0; bit < BITS; bit++) {
      int x = (2 * bit + 1) * width / (2 * BITS);
      number |= (Clips.green(picture, x, height / 6) > 128 ? 1 : 0) << bit;
    }
    return number;
  }

  /** Which colour is far above the others: 0 red, 1 green, 2 blue; -1 for none. */
  private static int strongest(Picture picture, int x, int y) {
    int[] colours = new int[3];
    // Palettes are dithered, so some pixels together count.
    for (int i = 0; i < 16; i++) {
      colours[0] += Clips.red(picture, x + i % 4, y + i / 4) / 16;
      colours[1] += Clips.green(picture, x + i % 4, y + i / 4) / 16;
      colours[2] += Clips.blue(picture, x + i % 4, y + i / 4) / 16;
    }
    for (int i = 0; i < 3; i++) {
      if (colours[i] > 60 + Math.max(colours[(i + 1) % 3], colours[(i + 2) % 3])) {
        return i;
      }
    }
    return -1;
  }
}
