package dev.squint.vision.tile;

import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.picture.Picture;
import java.nio.FloatBuffer;

/**
 * Tiles of several sizes in squares of one size, for encoders that take the patches of a tile one
 * after the other (SigLIP 2, arXiv 2502.14786, section 2.1, "NaFlex"): the patches of a tile, row
 * by row, fill a sheet row by row; what is left of the sheet is black. A tile that is as large as
 * the sheet is not changed.
 *
 * @param patch edge of a patch in pixels
 * @param side edge of the sheet in patches
 */
public record PatchSheet(int patch, int side) {

  /** The sheet of a tile of at most side * side patches. */
  Picture of(Picture tile) {
    int cols = tile.width() / patch;
    int count = cols * (tile.height() / patch);
    if (count > side * side) {
      throw new IllegalArgumentException(
          "a tile of %d patches does not fit a sheet of %d x %d".formatted(count, side, side));
    }
    int edge = side * patch;
    byte[] rgb = new byte[3 * edge * edge];
    for (int i = 0; i < count; i++) {
      for (int row = 0; row < patch; row++) {
        int from = 3 * ((i / cols * patch + row) * tile.width() + i % cols * patch);
        int to = 3 * ((i / side * patch + row) * edge + i % side * patch);
        System.arraycopy(tile.rgb(), from, rgb, to, 3 * patch);
      }
    }
    return new Picture(edge, edge, rgb);
  }

  /**
   * The first patches of a sheet as the encoder takes them, [count, patch * patch * 3], each as
   * (row, column, colour).
   *
   * @param pixels of one sheet, [3, side * patch, side * patch]
   */
  FloatBuffer patches(FloatBuffer pixels, int count) {
    int edge = side * patch;
    FloatBuffer patches = DirectBuffers.floats((long) count * patch * patch * 3);
    for (int i = 0; i < count; i++) {
      int first = pixels.position() + i / side * patch * edge + i % side * patch;
      for (int row = 0; row < patch; row++) {
        for (int col = 0; col < patch; col++) {
          for (int colour = 0; colour < 3; colour++) {
            patches.put(pixels.get(first + (colour * edge + row) * edge + col));
          }
        }
      }
    }
    return patches.flip();
  }

  /** The patches of one tile of a picture as the encoder takes them. */
  public static FloatBuffer patches(TiledImage picture, int tile) {
    PatchLayout layout = layout(picture);
    int size = 3 * picture.tileWidth() * picture.tileHeight();
    return new PatchSheet(layout.patch(), picture.tileWidth() / layout.patch())
        .patches(picture.pixels().slice(tile * size, size), count(picture, tile));
  }

  /** Rows and columns of patches of one tile. */
  public static TokenGrid grid(TiledImage picture, int tile) {
    TokenGrid tokens = picture.tiles().get(tile).sheet();
    if (tokens == null) {
      throw new IllegalArgumentException(
          "the encoder takes patches of tiles of several sizes, but the image processor makes tiles of one size");
    }
    int merge = layout(picture).merge();
    return new TokenGrid(tokens.rows() * merge, tokens.cols() * merge);
  }

  private static int count(TiledImage picture, int tile) {
    TokenGrid grid = grid(picture, tile);
    return grid.rows() * grid.cols();
  }

  private static PatchLayout layout(TiledImage picture) {
    PatchLayout layout = picture.patchLayout();
    if (layout == null) {
      throw new IllegalArgumentException("the image processor names no size of patches");
    }
    return layout;
  }
}
