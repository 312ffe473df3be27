package dev.squint.vision.picture;

import dev.squint.vision.format.Extent;
import dev.squint.vision.format.HeifStructure;

/**
 * How long calls take that cannot be stopped, in nanoseconds, from headers. The pixels count, and
 * the bytes, since noise has many of them; measured with flat and with random pictures on one core
 * of a server's processor.
 */
public final class CallTime {

  private static final long WEBP_PIXEL = 15;
  private static final long WEBP_BYTE = 25;
  private static final long HEIF_PIXEL = 28;
  private static final long HEIF_BYTE = 110;
  private static final long JPEG_VISIT = 4;

  private CallTime() {}

  /** Of WebP: all pixels that are decoded, those of transparency too, and the bytes of the file. */
  public static long webp(long pixels, long bytes) {
    return WEBP_PIXEL * pixels + WEBP_BYTE * bytes;
  }

  /** Of the largest tile of a HEIC or AVIF picture. */
  static long heif(HeifStructure.Coded coded) {
    return coded.tiles().stream()
        .mapToLong(
            tile ->
                HEIF_PIXEL * tile.width() * tile.height()
                    + HEIF_BYTE * tile.data().stream().mapToLong(Extent::length).sum())
        .max()
        .orElse(0);
  }

  /** Of a JPEG file, by the visits that its scans need. */
  static long jpeg(long visits) {
    return JPEG_VISIT * visits;
  }
}
