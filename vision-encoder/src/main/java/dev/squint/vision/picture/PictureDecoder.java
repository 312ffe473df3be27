package dev.squint.vision.picture;

import dev.squint.vision.format.ByteSource;
import dev.squint.vision.format.GifStructure;
import dev.squint.vision.format.HeifStructure;
import dev.squint.vision.format.TiffStructure;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decodes files to the pixels that they hold, not turned, with colour profiles ignored.
 *
 * <p>The JDK's decoders and OpenCV's give the very pixels that Pillow gives; the JDK's come first
 * since they are there at once, while loading OpenCV takes most of a second.
 */
final class PictureDecoder {

  private static final int[] NO_PALETTE = {};

  private PictureDecoder() {}

  /**
   * Decodes a picture whose header was read; null if it is damaged or cut off.
   *
   * @param withAlpha whether transparency is wanted
   */
  static @Nullable DecodedPixels decode(
      byte[] encoded, PictureHeader header, boolean withAlpha, String name, DecodeBudget budget) {
    long most = Math.max(header.pixels(), (long) header.width() * header.height());
    return switch (header.format()) {
      case WEBP, ANIMATED_WEBP -> OpenCvDecoder.decode(encoded, withAlpha);
      case JPEG -> {
        // The JDK's decoder refuses some odd but sound files.
        DecodedPixels pixels =
            ImageIoDecoder.decode(PlainJpeg.of(encoded), "jpeg", NO_PALETTE, most, name, budget);
        if (pixels == null) {
          DecodeBudget.checkOneCall(CallTime.jpeg(header.visits()), name, header.work());
          pixels = OpenCvDecoder.decode(encoded, false);
        }
        yield pixels;
      }
      case PNG, APNG ->
          ImageIoDecoder.decode(
              PlainPng.of(encoded, withAlpha), "png", NO_PALETTE, most, name, budget);
      case GIF, ANIMATED_GIF -> {
        ByteSource source = ByteSource.of(encoded);
        GifStructure gif = GifStructure.of(source);
        // ImageIO leaves pixels black whose codes are missing.
        DecodedPixels first =
            gif.isComplete(source)
                ? ImageIoDecoder.decode(encoded, "gif", NO_PALETTE, most, name, budget)
                : null;
        yield first == null ? null : onCanvas(first, gif, header);
      }
      case HEIF, AVIF ->
          HeifDecoder.decode(
              encoded, HeifStructure.of(ByteSource.of(encoded)), withAlpha, name, budget);
      case BMP -> ImageIoDecoder.decode(encoded, "bmp", NO_PALETTE, most, name, budget);
      case TIFF -> {
        // ImageIO rounds the 16 bits of a palette's colours otherwise than Pillow.
        int[] palette = TiffStructure.of(ByteSource.of(encoded)).palette();
        yield ImageIoDecoder.decode(encoded, "tiff", palette, most, name, budget);
      }
      default -> throw new IllegalStateException("no decoder for " + header.format());
    };
  }

  /** The first image of a GIF at its place on the canvas. */
  private static DecodedPixels onCanvas(
      DecodedPixels image, GifStructure gif, PictureHeader header) {
    int left = gif.first().left();
    int top = gif.first().top();
    Picture rgb = image.rgb();
    if (rgb.width() == header.width() && rgb.height() == header.height()) {
      return image;
    }
    byte[] alpha = new byte[header.width() * header.height()];
    Arrays.fill(alpha, (byte) (gif.clear() ? 0 : 0xff));
    for (int y = 0; y < rgb.height(); y++) {
      int to = (top + y) * header.width() + left;
      if (image.alpha() == null) {
        Arrays.fill(alpha, to, to + rgb.width(), (byte) 0xff);
      } else {
        System.arraycopy(image.alpha(), y * rgb.width(), alpha, to, rgb.width());
      }
    }
    return new DecodedPixels(
        rgb.crop(-left, -top, header.width(), header.height(), gif.ground()), alpha);
  }
}
