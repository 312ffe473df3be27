package dev.squint.vision.format;

import java.util.Arrays;

/**
 * Counts the pixels that the LZW codes of a GIF image hold (GIF89a, appendix F). Nothing is
 * decoded: each code stands for a known number of pixels.
 */
final class GifPixels {

  private static final int MOST_BITS = 12;
  private static final int MOST_CODES = 1 << MOST_BITS;

  private final ByteSource bytes;
  private long at;
  private int leftInBlock;
  private int bits;
  private int bitCount;

  private GifPixels(ByteSource bytes, long at) {
    this.bytes = bytes;
    this.at = at;
  }

  /**
   * Whether an image has all of its pixels.
   *
   * @param data position of the image's smallest code size
   * @param pixels of the image
   */
  static boolean hold(ByteSource bytes, long data, long pixels) {
    int codeBits = bytes.u8(data);
    return codeBits >= 1
        && codeBits < MOST_BITS
        && new GifPixels(bytes, data + 1).count(codeBits, pixels) >= pixels;
  }

  private long count(int codeBits, long wanted) {
    int clear = 1 << codeBits;
    int[] lengths = new int[MOST_CODES];
    Arrays.fill(lengths, 0, clear, 1);
    int next = clear + 2;
    int size = codeBits + 1;
    int last = -1;
    long count = 0;
    while (count < wanted) {
      int code = code(size);
      if (code == clear) {
        next = clear + 2;
        size = codeBits + 1;
        last = -1;
      } else if (code < 0 || code == clear + 1 || code > next || (last < 0 && code > clear)) {
        return count;
      } else {
        if (last >= 0 && next < MOST_CODES) {
          lengths[next++] = lengths[last] + 1;
          size = next == 1 << size && size < MOST_BITS ? size + 1 : size;
        }
        count += lengths[code];
        last = code;
      }
    }
    return count;
  }

  /** The next code, -1 at the end of the data. */
  private int code(int size) {
    while (bitCount < size) {
      if (leftInBlock == 0) {
        leftInBlock = bytes.u8(at++);
        if (leftInBlock <= 0) {
          return -1;
        }
      }
      int value = bytes.u8(at++);
      if (value < 0) {
        return -1;
      }
      leftInBlock--;
      bits |= value << bitCount;
      bitCount += 8;
    }
    int code = bits & (1 << size) - 1;
    bits >>>= size;
    bitCount -= size;
    return code;
  }
}
