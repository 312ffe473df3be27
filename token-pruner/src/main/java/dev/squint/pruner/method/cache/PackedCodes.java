package dev.squint.pruner.method.cache;

/** Low-bit codes, packed row by row; every row starts at a new byte. */
final class PackedCodes {
  private final byte[] bytes;
  private final int rows;
  private final int cols;
  private final int bits;
  private final int rowBytes;

  /** Creates codes from 0 to 2^bits - 1, bits at most 8; all are 0. */
  PackedCodes(int rows, int cols, int bits) {
    this.rows = rows;
    this.cols = cols;
    this.bits = bits;
    this.rowBytes = (int) (((long) cols * bits + 7) / 8);
    this.bytes = new byte[rows * rowBytes];
  }

  int rows() {
    return rows;
  }

  int cols() {
    return cols;
  }

  int get(int row, int col) {
    int bit = col * bits;
    int at = row * rowBytes + bit / 8;
    int shift = bit % 8;
    int two = bytes[at] & 0xff;
    if (shift + bits > 8) {
      two |= (bytes[at + 1] & 0xff) << 8;
    }
    return two >> shift & (1 << bits) - 1;
  }

  /** Sets a code that is 0. */
  void set(int row, int col, int code) {
    int bit = col * bits;
    int at = row * rowBytes + bit / 8;
    int two = code << bit % 8;
    bytes[at] |= (byte) two;
    if (bit % 8 + bits > 8) {
      bytes[at + 1] |= (byte) (two >> 8);
    }
  }

  /** Number of bytes. */
  long size() {
    return bytes.length;
  }
}
