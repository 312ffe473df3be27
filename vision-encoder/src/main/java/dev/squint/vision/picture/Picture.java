package dev.squint.vision.picture;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A picture as [height, width, 3] bytes: red, green, blue, 0 to 255, rows from the top.
 *
 * <p>Immutable. The array is not copied, so neither the creator of a picture nor a reader of its
 * array may write to it.
 */
public final class Picture {

  private final int width;
  private final int height;
  private final byte[] rgb;

  /**
   * Makes a picture from its pixels.
   *
   * @param width in pixels
   * @param height in pixels
   * @param rgb [height, width, 3]
   * @throws IllegalArgumentException if a side is not positive or the array has another length
   */
  public Picture(int width, int height, byte[] rgb) {
    if (rgb.length != arrayLength(width, height)) {
      throw new IllegalArgumentException(
          "a picture of %d x %d pixels has %d bytes but %d were given"
              .formatted(width, height, 3L * width * height, rgb.length));
    }
    this.width = width;
    this.height = height;
    this.rgb = rgb;
  }

  /** Columns. */
  public int width() {
    return width;
  }

  /** Rows. */
  public int height() {
    return height;
  }

  /** The pixels, [height, width, 3]; not a copy, do not write to it. */
  public byte[] rgb() {
    return rgb;
  }

  /**
   * Copies the pixels of a Java image as sRGB; transparency is dropped, not blended.
   *
   * @throws IllegalArgumentException if the image has more pixels than an array can hold
   */
  public static Picture of(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[arrayLength(width, height)];
    int[] row = new int[width];
    int to = 0;
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int pixel : row) {
        rgb[to++] = (byte) (pixel >> 16);
        rgb[to++] = (byte) (pixel >> 8);
        rgb[to++] = (byte) pixel;
      }
    }
    return new Picture(width, height, rgb);
  }

  /** Returns the picture as an opaque Java image with a copy of the pixels. */
  public BufferedImage toBufferedImage() {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] row = new int[width];
    int from = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++, from += 3) {
        row[x] = (rgb[from] & 0xff) << 16 | (rgb[from + 1] & 0xff) << 8 | (rgb[from + 2] & 0xff);
      }
      image.setRGB(0, y, width, 1, row, 0, width);
    }
    return image;
  }

  /**
   * Rotates the picture clockwise.
   *
   * @param degrees 0, 90, 180 or 270
   * @throws IllegalArgumentException if it is another number
   */
  public Picture turned(int degrees) {
    return switch (degrees) {
      case 0 -> this;
      case 90 -> Orientation.upright(this, 6);
      case 180 -> Orientation.upright(this, 3);
      case 270 -> Orientation.upright(this, 8);
      default ->
          throw new IllegalArgumentException(
              "a picture is turned by 0, 90, 180 or 270 degrees, not by " + degrees);
    };
  }

  /**
   * Applies an EXIF orientation: rotates and mirrors the picture.
   *
   * @param orientation 1 to 8
   * @throws IllegalArgumentException if it is another number
   */
  public Picture upright(int orientation) {
    return Orientation.upright(this, orientation);
  }

  /**
   * Resizes the picture so that its longer edge has this length (Lanczos, antialiased).
   *
   * @param enlarging whether smaller pictures are resized, too
   */
  public Picture withLongestEdge(int edge, boolean enlarging) {
    int longest = Math.max(width, height);
    if (longest == edge || (longest < edge && !enlarging)) {
      return this;
    }
    Dimensions size = Dimensions.of(this).withLongestEdge(edge);
    return Resampler.resize(this, size.width(), size.height(), ResampleFilter.LANCZOS);
  }

  /** Encodes the picture as a PNG file. */
  public byte[] toPng() {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream output = new MemoryCacheImageOutputStream(file)) {
      ImageIO.write(toBufferedImage(), "png", output);
    } catch (IOException e) {
      throw new UncheckedIOException("a picture cannot be encoded in memory", e);
    }
    return file.toByteArray();
  }

  /**
   * Returns a part, [height, width, 3]; pixels outside of this picture are black.
   *
   * @param left first column, may be negative
   * @param top first row, may be negative
   * @throws IllegalArgumentException if a side is not positive
   */
  public Picture crop(int left, int top, int width, int height) {
    return crop(left, top, width, height, 0);
  }

  /** Returns a part, [height, width, 3]; pixels outside of this picture have a colour, 0xRRGGBB. */
  public Picture crop(int left, int top, int width, int height, int background) {
    byte[] cut = new byte[arrayLength(width, height)];
    if (background != 0) {
      for (int i = 0; i < cut.length; i += 3) {
        cut[i] = (byte) (background >> 16);
        cut[i + 1] = (byte) (background >> 8);
        cut[i + 2] = (byte) background;
      }
    }
    int from = Math.max(0, left);
    int to = Math.min(this.width, left + width);
    if (from < to) {
      for (int y = Math.max(0, top); y < Math.min(this.height, top + height); y++) {
        System.arraycopy(
            rgb,
            3 * (y * this.width + from),
            cut,
            3 * ((y - top) * width + from - left),
            3 * (to - from));
      }
    }
    return new Picture(width, height, cut);
  }

  static int arrayLength(int width, int height) {
    long length = 3L * width * height;
    if (width < 1 || height < 1 || length > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "a picture has from 1 x 1 to about 715 million pixels but this one would have %d x %d"
              .formatted(width, height));
    }
    return (int) length;
  }
}
