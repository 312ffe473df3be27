package dev.squint.vision.format;

/** Whether a video file is shorter than its outermost structure says. */
public final class MediaEnd {

  private static final long SEGMENT = 0x18538067L;
  private static final int RIFF_HEADER_BYTES = 8;

  private MediaEnd() {}

  /** False where the format does not say how long the file is, as in streams. */
  public static boolean isCutOff(ByteSource bytes, FileFormat format) {
    return switch (format) {
      case MP4, IMAGE_SEQUENCE -> IsoBox.all(bytes).stream().anyMatch(box -> !box.whole());
      case MATROSKA -> isMatroskaCutOff(bytes);
      case AVI -> RIFF_HEADER_BYTES + bytes.littleEndian(4, 4) > bytes.length();
      default -> false;
    };
  }

  /** Whether the format says how long the file is, and the file is as long. */
  public static boolean isWhole(ByteSource bytes, FileFormat format) {
    return switch (format) {
      case MP4, IMAGE_SEQUENCE, AVI -> !isCutOff(bytes, format);
      case MATROSKA -> segmentEnd(bytes) == bytes.length();
      default -> false;
    };
  }

  /** The header element, then the segment, which may have no length. */
  private static boolean isMatroskaCutOff(ByteSource bytes) {
    return segmentEnd(bytes) > bytes.length();
  }

  /** Where the segment ends; -1 if it has no length or is not there. */
  private static long segmentEnd(ByteSource bytes) {
    long at = 4 + numberBytes(bytes, 4) + number(bytes, 4);
    if (bytes.bigEndian(at, 4) != SEGMENT) {
      return -1;
    }
    int length = numberBytes(bytes, at + 4);
    long size = number(bytes, at + 4);
    boolean unknown = size == (1L << (7 * length)) - 1;
    return unknown ? -1 : at + 4 + length + size;
  }

  /** Bytes of a number of variable length (RFC 8794, section 4). */
  private static int numberBytes(ByteSource bytes, long at) {
    int first = Math.max(1, bytes.u8(at));
    return Integer.numberOfLeadingZeros(first) - 23;
  }

  private static long number(ByteSource bytes, long at) {
    int length = Math.min(8, numberBytes(bytes, at));
    long value = bytes.u8(at) & (0xff >> length);
    for (int i = 1; i < length; i++) {
      value = value << 8 | Math.max(0, bytes.u8(at + i));
    }
    return value;
  }
}
