package dev.squint.vision.tile;

import dev.squint.vision.io.DirectBuffers;
import java.nio.FloatBuffer;

/**
 * Layout for encoders that take patches instead of tiles (Qwen2-VL and later): each patch is a
 * vector, and the patches of one visual token are adjacent.
 *
 * @param patch edge of a patch in pixels
 * @param temporal frames that a patch spans; a still picture is repeated
 * @param merge edge, in patches, of the square that becomes one visual token
 */
public record PatchLayout(int patch, int temporal, int merge) {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one is not positive
   */
  public PatchLayout {
    if (patch < 1 || temporal < 1 || merge < 1) {
      throw new IllegalArgumentException(
          "patch_size, temporal_patch_size and merge_size must be at least 1 but were %d, %d, %d"
              .formatted(patch, temporal, merge));
    }
  }

  /**
   * Rearranges a tile, [frames, 3, H, W], to patches, [H/patch * W/patch, 3 * temporal * patch *
   * patch]: squares of merge x merge patches row by row, each patch as (colour, frame, row,
   * column). If there are fewer frames than a patch spans, the last one is repeated.
   *
   * @throws IllegalArgumentException if a side is not a multiple of {@link #tokenEdge()}
   */
  public FloatBuffer patches(FloatBuffer pixels, int width, int height) {
    if (width % tokenEdge() != 0 || height % tokenEdge() != 0) {
      throw new IllegalArgumentException(
          "a tile of %d x %d pixels is not made of visual tokens of %d x %d"
              .formatted(width, height, tokenEdge(), tokenEdge()));
    }
    float[] planes = new float[pixels.remaining()];
    pixels.get(pixels.position(), planes);
    int perFrame = 3 * width * height;
    int last = planes.length / perFrame - 1;
    FloatBuffer patches = DirectBuffers.floats((long) perFrame * temporal);
    for (int token = 0; token < height * width / (tokenEdge() * tokenEdge()); token++) {
      int tokenTop = token / (width / tokenEdge()) * tokenEdge();
      int tokenLeft = token % (width / tokenEdge()) * tokenEdge();
      for (int part = 0; part < merge * merge; part++) {
        int top = tokenTop + part / merge * patch;
        int left = tokenLeft + part % merge * patch;
        for (int colour = 0; colour < 3; colour++) {
          for (int frame = 0; frame < temporal; frame++) {
            int plane = (3 * Math.min(frame, last) + colour) * height;
            for (int row = 0; row < patch; row++) {
              patches.put(planes, (plane + top + row) * width + left, patch);
            }
          }
        }
      }
    }
    return patches.flip();
  }

  /** Edge of a visual token in pixels; the sides of a tile are multiples of it. */
  public int tokenEdge() {
    return patch * merge;
  }
}
