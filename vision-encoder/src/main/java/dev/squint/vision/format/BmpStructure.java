package dev.squint.vision.format;

/**
 * The header of a BMP file.
 *
 * @param width in pixels
 * @param height in pixels, also for files whose rows run from the top
 * @param bitsPerPixel 1 to 32
 * @param compression 0 none, 1 and 2 run lengths, 3 and 6 bit fields; 4 and 5 hold a JPEG or PNG
 */
public record BmpStructure(long width, long height, int bitsPerPixel, int compression) {

  private static final int OS2_HEADER_BYTES = 12;

  /** The two letters alone are too common: the size of the second header is checked as well. */
  static boolean isBmp(ByteSource bytes) {
    long header = bytes.littleEndian(14, 4);
    return bytes.matches(0, "BM")
        && (header == OS2_HEADER_BYTES || (header >= 16 && header <= 124))
        && (bytes.littleEndian(header == OS2_HEADER_BYTES ? 22 : 26, 2) == 1);
  }

  /** Reads the header. */
  public static BmpStructure of(ByteSource bytes) {
    if (bytes.littleEndian(14, 4) == OS2_HEADER_BYTES) {
      return new BmpStructure(
          bytes.littleEndian(18, 2), bytes.littleEndian(20, 2), (int) bytes.littleEndian(24, 2), 0);
    }
    return new BmpStructure(
        (int) bytes.littleEndian(18, 4),
        Math.abs((long) (int) bytes.littleEndian(22, 4)),
        (int) bytes.littleEndian(28, 2),
        (int) bytes.littleEndian(30, 4));
  }
}
