package dev.squint.llm.decoder.batch;

/**
 * How sequences decode together.
 *
 * @param rows sequences of one step at most; 1 decodes each by itself
 * @param chunk tokens of a prompt that run between two steps
 * @param maxBytes of keys and values of all rows, beyond which a sequence waits; one alone never
 *     waits
 * @param inexact whether sequences decode together too where they change each other's rounding
 *     (graphs that quantise all rows by one scale)
 */
public record BatchSettings(int rows, int chunk, long maxBytes, boolean inexact) {

  private static final int CHUNK = 128;

  /** Each sequence decodes by itself. */
  public static final BatchSettings OFF = of(1);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public BatchSettings {
    if (rows < 1 || chunk < 1 || maxBytes < 0) {
      throw new IllegalArgumentException(
          "a batch has at least 1 row, chunks of at least 1 token and 0 or more bytes but was given %d, %d and %d"
              .formatted(rows, chunk, maxBytes));
    }
  }

  /**
   * This number of rows; chunks of 128 tokens, keys and values in a quarter of the heap's size,
   * exact only.
   *
   * @throws IllegalArgumentException if there is not at least one row
   */
  public static BatchSettings of(int rows) {
    return new BatchSettings(rows, CHUNK, Runtime.getRuntime().maxMemory() / 4, false);
  }

  /** The same with or without batches in which sequences change each other's rounding. */
  public BatchSettings withInexact(boolean allowed) {
    return new BatchSettings(rows, chunk, maxBytes, allowed);
  }

  /** Whether sequences decode together at all. */
  public boolean isOn() {
    return rows > 1;
  }
}
