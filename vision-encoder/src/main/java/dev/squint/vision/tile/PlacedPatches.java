package dev.squint.vision.tile;

import dev.squint.vision.io.DirectBuffers;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The patches of a tile row by row, and where each lies, for encoders that take both (Gemma 4).
 *
 * @param patch edge of a patch in pixels
 * @param rows rows of patches
 * @param cols columns of patches
 * @param count number of patches that the encoder takes; those behind the tile's lie nowhere
 */
public record PlacedPatches(int patch, int rows, int cols, int count) {

  private static final int NOWHERE = -1;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if the tile has more patches than the encoder takes
   */
  public PlacedPatches {
    if (rows * cols > count) {
      throw new IllegalArgumentException(
          "a tile of %d x %d patches is too large for an encoder that takes %d; lower max_soft_tokens"
              .formatted(rows, cols, count));
    }
  }

  /**
   * The patches, [count, patch * patch * 3], each as (row, column, colour).
   *
   * @param pixels of the tile, [3, rows * patch, cols * patch]
   */
  public FloatBuffer values(FloatBuffer pixels) {
    int width = cols * patch;
    int plane = width * rows * patch;
    FloatBuffer values = DirectBuffers.floats((long) count * patch * patch * 3);
    for (int i = 0; i < rows * cols; i++) {
      int first = pixels.position() + i / cols * patch * width + i % cols * patch;
      for (int row = 0; row < patch; row++) {
        for (int col = 0; col < patch; col++) {
          for (int colour = 0; colour < 3; colour++) {
            values.put(pixels.get(first + colour * plane + row * width + col));
          }
        }
      }
    }
    return values.rewind();
  }

  /** Column and row of each patch, [count * 2]; -1 for patches that lie nowhere. */
  public long[] places() {
    long[] places = new long[2 * count];
    Arrays.fill(places, NOWHERE);
    for (int i = 0; i < rows * cols; i++) {
      places[2 * i] = i % cols;
      places[2 * i + 1] = i / cols;
    }
    return places;
  }
}
