package dev.squint.llm.decoder.cache;

import dev.squint.vision.io.DirectBuffers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * Keys and values of 16 tokens of a prompt, of all layers, as the graphs returned them. They are in
 * the Java heap, so that a block that was evicted lives on for as long as a question reads it.
 *
 * @param rows by the input that takes them, [heads, 16, headDim] of the cache's own type; not to be
 *     changed
 * @param millis the share of these tokens in the prefill that computed them
 */
public record PrefixBlock(Map<String, byte[]> rows, double millis) {

  /** Tokens of a block. */
  public static final int TOKENS = 16;

  public PrefixBlock {
    rows = Map.copyOf(rows);
  }

  /** Bytes of the rows. */
  public long bytes() {
    return rows.values().stream().mapToLong(some -> some.length).sum();
  }

  /**
   * The rows of one block of a cache tensor.
   *
   * @param all bytes of the tensor
   * @param first the block's first token
   */
  public static byte[] cut(CacheSlot slot, ByteBuffer all, int first) {
    int row = slot.rowBytes();
    int heads = slot.rowsPerToken();
    int length = all.capacity() / (heads * row);
    byte[] block = new byte[heads * TOKENS * row];
    for (int head = 0; head < heads; head++) {
      all.get((head * length + first) * row, block, head * TOKENS * row, TOKENS * row);
    }
    return block;
  }

  /** The rows of blocks that follow each other, as a direct buffer of a cache tensor's bytes. */
  public static ByteBuffer joined(CacheSlot slot, List<PrefixBlock> blocks) {
    int size = TOKENS * slot.rowBytes();
    int heads = slot.rowsPerToken();
    ByteBuffer all = DirectBuffers.bytes((long) heads * blocks.size() * size);
    for (int head = 0; head < heads; head++) {
      for (PrefixBlock block : blocks) {
        all.put(block.of(slot), head * size, size);
      }
    }
    return all.flip();
  }

  private byte[] of(CacheSlot slot) {
    byte[] some = rows.get(slot.past());
    if (some == null) {
      throw new IllegalStateException(
          "the block is of another decoder: it has no '%s' but %s"
              .formatted(slot.past(), rows.keySet()));
    }
    return some;
  }
}
