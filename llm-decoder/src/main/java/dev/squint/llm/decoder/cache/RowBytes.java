package dev.squint.llm.decoder.cache;

import java.nio.ByteBuffer;

/**
 * Where one row of a cache tensor lies: for each key head a run of tokens.
 *
 * @param bytes of the whole tensor
 * @param start the row's first byte
 * @param stride bytes from head to head
 */
record RowBytes(ByteBuffer bytes, int start, int stride) {

  /**
   * A row of a tensor [B, H, C, d].
   *
   * @param columns C
   */
  static RowBytes of(CacheSlot slot, ByteBuffer bytes, int row, int columns) {
    int stride = columns * slot.rowBytes();
    return new RowBytes(bytes, row * slot.rowsPerToken() * stride, stride);
  }

  /**
   * Copies tokens of another row.
   *
   * @param from the first token there
   * @param to the first token here
   */
  void copy(CacheSlot slot, RowBytes other, int from, int to, int tokens) {
    int size = slot.rowBytes();
    for (int head = 0; head < slot.rowsPerToken(); head++) {
      bytes.put(
          start + head * stride + to * size,
          other.bytes,
          other.start + head * other.stride + from * size,
          tokens * size);
    }
  }
}
