package dev.squint.vision.picture;

import java.util.stream.IntStream;

/**
 * Resizes pictures bit-exactly as Pillow does: separable, antialiased (the filter is widened when
 * shrinking), 8 bits with fixed-point weights, rounded after each of the two passes. Models were
 * trained on such pixels.
 */
public final class Resampler {

  /** 32 bits less 8 of the pixel and 2 for filters that overshoot. */
  private static final int WEIGHT_BITS = 32 - 8 - 2;

  private static final int HALF = 1 << (WEIGHT_BITS - 1);

  private Resampler() {}

  /**
   * Resizes [H, W, 3] to [height, width, 3]; the aspect ratio is not kept. A picture of that size
   * is returned unchanged.
   *
   * @throws IllegalArgumentException if a side is not positive
   */
  public static Picture resize(Picture picture, int width, int height, ResampleFilter filter) {
    Picture.arrayLength(width, height);
    if (width == picture.width() && height == picture.height()) {
      return picture;
    }
    if (filter == ResampleFilter.NEAREST) {
      return nearest(picture, width, height);
    }
    Picture narrow = width == picture.width() ? picture : horizontal(picture, width, filter);
    return height == narrow.height() ? narrow : vertical(narrow, height, filter);
  }

  private static Picture nearest(Picture picture, int width, int height) {
    int[] columns = centres(picture.width(), width);
    int[] rows = centres(picture.height(), height);
    byte[] from = picture.rgb();
    byte[] to = new byte[3 * width * height];
    int at = 0;
    for (int row : rows) {
      for (int column : columns) {
        System.arraycopy(from, 3 * (row * picture.width() + column), to, at, 3);
        at += 3;
      }
    }
    return new Picture(width, height, to);
  }

  /** The step is accumulated, not multiplied, to round as Pillow does. */
  private static int[] centres(int from, int to) {
    double step = (double) from / to;
    double position = step * 0.5;
    int[] centres = new int[to];
    for (int i = 0; i < to; i++, position += step) {
      centres[i] = Math.min((int) position, from - 1);
    }
    return centres;
  }

  private static Picture horizontal(Picture picture, int width, ResampleFilter filter) {
    Weights weights = Weights.of(picture.width(), width, filter);
    int height = picture.height();
    byte[] to = new byte[3 * width * height];
    IntStream.range(0, height)
        .parallel()
        .forEach(
            y -> blendAlongRow(picture.rgb(), 3 * y * picture.width(), to, 3 * y * width, weights));
    return new Picture(width, height, to);
  }

  private static void blendAlongRow(
      byte[] from, int fromRow, byte[] to, int toRow, Weights weights) {
    int at = toRow;
    for (int x = 0; x < weights.first.length; x++) {
      int red = HALF;
      int green = HALF;
      int blue = HALF;
      int pixel = fromRow + 3 * weights.first[x];
      int tap = x * weights.taps;
      for (int end = tap + weights.count[x]; tap < end; tap++, pixel += 3) {
        int weight = weights.fixed[tap];
        red += (from[pixel] & 0xff) * weight;
        green += (from[pixel + 1] & 0xff) * weight;
        blue += (from[pixel + 2] & 0xff) * weight;
      }
      to[at++] = clip(red);
      to[at++] = clip(green);
      to[at++] = clip(blue);
    }
  }

  private static Picture vertical(Picture picture, int height, ResampleFilter filter) {
    Weights weights = Weights.of(picture.height(), height, filter);
    int rowBytes = 3 * picture.width();
    byte[] to = new byte[rowBytes * height];
    IntStream.range(0, height)
        .parallel()
        .forEach(y -> blendRows(picture.rgb(), to, rowBytes, y, weights));
    return new Picture(picture.width(), height, to);
  }

  private static void blendRows(byte[] from, byte[] to, int rowBytes, int y, Weights weights) {
    int[] sums = new int[rowBytes];
    java.util.Arrays.fill(sums, HALF);
    for (int k = 0; k < weights.count[y]; k++) {
      int weight = weights.fixed[y * weights.taps + k];
      int row = (weights.first[y] + k) * rowBytes;
      for (int i = 0; i < rowBytes; i++) {
        sums[i] += (from[row + i] & 0xff) * weight;
      }
    }
    for (int i = 0; i < rowBytes; i++) {
      to[y * rowBytes + i] = clip(sums[i]);
    }
  }

  private static byte clip(int sum) {
    return (byte) Math.max(0, Math.min(255, sum >> WEIGHT_BITS));
  }

  /**
   * Source pixels of a line and their weights for each target pixel.
   *
   * @param first the first source pixel of each target pixel
   * @param count number of source pixels from there on
   * @param fixed weights, {@code taps} for each target pixel, in units of 2^-22
   */
  private record Weights(int[] first, int[] count, int[] fixed, int taps) {

    static Weights of(int from, int to, ResampleFilter filter) {
      double scale = (double) from / to;
      double stretch = Math.max(scale, 1);
      double radius = filter.radius() * stretch;
      int taps = 2 * (int) Math.ceil(radius) + 1;
      int[] first = new int[to];
      int[] count = new int[to];
      int[] fixed = new int[Math.multiplyExact(to, taps)];
      double[] exact = new double[taps];
      for (int i = 0; i < to; i++) {
        double centre = (i + 0.5) * scale;
        first[i] = Math.max(0, (int) (centre - radius + 0.5));
        count[i] = Math.min(from, (int) (centre + radius + 0.5)) - first[i];
        double sum = 0;
        for (int k = 0; k < count[i]; k++) {
          exact[k] = filter.weight((k + first[i] - centre + 0.5) * (1 / stretch));
          sum += exact[k];
        }
        for (int k = 0; k < count[i]; k++) {
          double weight = (sum == 0 ? exact[k] : exact[k] / sum) * (1 << WEIGHT_BITS);
          fixed[i * taps + k] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
        }
      }
      return new Weights(first, count, fixed, taps);
    }
  }
}
