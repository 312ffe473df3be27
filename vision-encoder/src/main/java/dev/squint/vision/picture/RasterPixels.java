package dev.squint.vision.picture;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DirectColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import org.jspecify.annotations.Nullable;

/** Takes RGB and transparency from Java images as they are stored, without colour management. */
final class RasterPixels {

  private RasterPixels() {}

  /**
   * Takes the pixels; null if the image has other samples than grey, palette, RGB and CMYK of 8, 16
   * or float bits.
   *
   * @param colourTable the colours of a palette, 0xRRGGBB, instead of the image's; may be empty
   */
  static @Nullable DecodedPixels of(BufferedImage image, int[] colourTable) {
    ColorModel colours = image.getColorModel();
    Raster raster = image.getRaster();
    if (colours instanceof DirectColorModel direct) {
      return new DecodedPixels(ofMasks(raster, direct), colours.hasAlpha() ? alphaOf(image) : null);
    }
    if (colours instanceof IndexColorModel palette) {
      return ofPalette(raster, palette, colourTable);
    }
    int bands = raster.getNumBands();
    int type = colours.getColorSpace().getType();
    if (type == ColorSpace.TYPE_CMYK && bands >= 4) {
      return ofCmyk(raster, false);
    }
    boolean grey = bands <= 2;
    if (!grey && type != ColorSpace.TYPE_RGB) {
      return null;
    }
    byte[] samples = samples(raster);
    if (samples == null) {
      return null;
    }
    DecodedPixels pixels = ofSamples(raster, samples, grey, colours.hasAlpha());
    return colours.isAlphaPremultiplied() ? divided(pixels) : pixels;
  }

  /** Colours that were multiplied by their opacity, divided by it as Pillow does. */
  private static DecodedPixels divided(DecodedPixels pixels) {
    byte[] alpha = pixels.alpha();
    byte[] rgb = pixels.rgb().rgb().clone();
    for (int i = 0; alpha != null && i < rgb.length; i++) {
      int opacity = alpha[i / 3] & 0xff;
      rgb[i] = (byte) (opacity == 0 ? 0 : Math.min(255, 255 * (rgb[i] & 0xff) / opacity));
    }
    return new DecodedPixels(new Picture(pixels.rgb().width(), pixels.rgb().height(), rgb), alpha);
  }

  /** Samples that are parts of a number; those of less than 8 bits are stretched as by Pillow. */
  private static Picture ofMasks(Raster raster, DirectColorModel colours) {
    int[] masks = {colours.getRedMask(), colours.getGreenMask(), colours.getBlueMask()};
    int width = raster.getWidth();
    byte[] rgb = new byte[Picture.arrayLength(width, raster.getHeight())];
    int to = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      Object row = raster.getDataElements(0, y, width, 1, null);
      for (int x = 0; x < width; x++) {
        int pixel = row instanceof short[] shorts ? shorts[x] : ((int[]) row)[x];
        for (int mask : masks) {
          int shift = Integer.numberOfTrailingZeros(mask);
          int most = mask >>> shift;
          rgb[to++] = (byte) (most == 0 ? 0 : ((pixel & mask) >>> shift) * 255L / most);
        }
      }
    }
    return new Picture(width, raster.getHeight(), rgb);
  }

  private static DecodedPixels ofSamples(
      Raster raster, byte[] samples, boolean grey, boolean hasAlpha) {
    int bands = raster.getNumBands();
    int pixels = raster.getWidth() * raster.getHeight();
    byte[] rgb = new byte[Picture.arrayLength(raster.getWidth(), raster.getHeight())];
    byte[] alpha = hasAlpha ? new byte[pixels] : null;
    for (int pixel = 0; pixel < pixels; pixel++) {
      rgb[3 * pixel] = samples[bands * pixel];
      rgb[3 * pixel + 1] = samples[bands * pixel + (grey ? 0 : 1)];
      rgb[3 * pixel + 2] = samples[bands * pixel + (grey ? 0 : 2)];
      if (alpha != null) {
        alpha[pixel] = samples[bands * pixel + (grey ? 1 : 3)];
      }
    }
    return new DecodedPixels(new Picture(raster.getWidth(), raster.getHeight(), rgb), alpha);
  }

  /**
   * CMYK as Pillow converts it.
   *
   * @param inverted whether 255 is no ink, as in JPEG files by Adobe's convention
   */
  static @Nullable DecodedPixels ofCmyk(Raster raster, boolean inverted) {
    byte[] samples = samples(raster);
    if (samples == null) {
      return null;
    }
    int bands = raster.getNumBands();
    int flip = inverted ? 0xff : 0;
    byte[] rgb = new byte[Picture.arrayLength(raster.getWidth(), raster.getHeight())];
    for (int pixel = 0; 3 * pixel < rgb.length; pixel++) {
      int light = 255 - ((samples[bands * pixel + 3] & 0xff) ^ flip);
      for (int ink = 0; ink < 3; ink++) {
        int covered = (samples[bands * pixel + ink] & 0xff) ^ flip;
        rgb[3 * pixel + ink] =
            (byte) Math.max(0, light - DecodedPixels.dividedBy255(covered * light));
      }
    }
    return new DecodedPixels(new Picture(raster.getWidth(), raster.getHeight(), rgb), null);
  }

  private static @Nullable DecodedPixels ofPalette(
      Raster raster, IndexColorModel palette, int[] colourTable) {
    byte[] indices = samples(raster);
    if (indices == null) {
      return null;
    }
    byte[] rgb = new byte[3 * indices.length];
    byte[] alpha = palette.hasAlpha() ? new byte[indices.length] : null;
    for (int pixel = 0; pixel < indices.length; pixel++) {
      int index = Math.min(indices[pixel] & 0xff, palette.getMapSize() - 1);
      int colour = index < colourTable.length ? colourTable[index] : palette.getRGB(index);
      rgb[3 * pixel] = (byte) (colour >> 16);
      rgb[3 * pixel + 1] = (byte) (colour >> 8);
      rgb[3 * pixel + 2] = (byte) colour;
      if (alpha != null) {
        alpha[pixel] = (byte) palette.getAlpha(index);
      }
    }
    return new DecodedPixels(new Picture(raster.getWidth(), raster.getHeight(), rgb), alpha);
  }

  private static byte[] alphaOf(BufferedImage image) {
    int width = image.getWidth();
    byte[] alpha = new byte[width * image.getHeight()];
    int[] row = new int[width];
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        alpha[y * width + x] = (byte) (row[x] >>> 24);
      }
    }
    return alpha;
  }

  /** All samples with 8 bits: of 16 bits the upper 8; null if they are of another type. */
  private static byte @Nullable [] samples(Raster raster) {
    int width = raster.getWidth();
    int perRow = Math.multiplyExact(width, raster.getNumBands());
    byte[] samples = new byte[Math.multiplyExact(perRow, raster.getHeight())];
    float white = raster.getTransferType() == DataBuffer.TYPE_FLOAT ? white(raster) : 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      int to = y * perRow;
      Object row = raster.getDataElements(0, y, width, 1, null);
      switch (raster.getTransferType()) {
        case DataBuffer.TYPE_BYTE -> System.arraycopy((byte[]) row, 0, samples, to, perRow);
        case DataBuffer.TYPE_USHORT -> {
          for (int i = 0; i < perRow; i++) {
            samples[to + i] = (byte) (((short[]) row)[i] >> 8);
          }
        }
        case DataBuffer.TYPE_FLOAT -> {
          for (int i = 0; i < perRow; i++) {
            float value = ((float[]) row)[i];
            // Pillow cuts off the fraction; scaled values are rounded.
            value = white == 1 ? value * 255 + 0.5f : value;
            samples[to + i] = (byte) (int) Math.max(0, Math.min(255, value));
          }
        }
        default -> {
          return null;
        }
      }
    }
    return samples;
  }

  /** What float samples have for white: 1 if none is above it, otherwise 255. */
  private static float white(Raster raster) {
    int width = raster.getWidth();
    for (int y = 0; y < raster.getHeight(); y++) {
      for (float value : (float[]) raster.getDataElements(0, y, width, 1, null)) {
        if (value > 1) {
          return 255;
        }
      }
    }
    return 1;
  }
}
