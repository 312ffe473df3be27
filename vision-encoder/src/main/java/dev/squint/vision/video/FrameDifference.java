package dev.squint.vision.video;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.vision.tile.TiledImage;
import java.nio.FloatBuffer;
import java.util.List;

/** Change of the pixels under tokens from frame to frame. */
public final class FrameDifference {

  /**
   * Range of pixel values after scaling: from -1 to 1, or slightly more with a scale for each
   * colour.
   */
  private static final double RANGE = 2;

  private FrameDifference() {}

  /**
   * Returns for each token the mean absolute difference of its pixels from those at the same
   * position of the previous frame, as a share of the range of values, [N, 1]; 1 without a previous
   * frame, or if it has other tiles.
   *
   * @param frames the tiles of all frames, those of each in one {@link TiledImage}
   */
  public static Matrix of(List<TiledImage> frames, PatchTokens tokens) {
    int[] firstTile = new int[frames.size() + 1];
    for (int f = 0; f < frames.size(); f++) {
      firstTile[f + 1] = firstTile[f] + frames.get(f).tiles().size();
    }
    float[] change = new float[tokens.size()];
    for (int i = 0; i < change.length; i++) {
      TokenPosition at = tokens.positions().get(i);
      Tile tile = tokens.tiles().get(at.tile());
      int within = at.tile() - firstTile[at.frame()];
      change[i] =
          at.frame() > 0 && sameTiles(frames.get(at.frame() - 1), frames.get(at.frame()))
              ? change(frames.get(at.frame() - 1), frames.get(at.frame()), within, tile, at)
              : 1;
    }
    return new Matrix(change.length, 1, change);
  }

  /** Returns the operations of {@link #of}: a difference and a sum for each value. */
  public static double operations(List<TiledImage> frames) {
    double operations = 0;
    for (int f = 1; f < frames.size(); f++) {
      if (sameTiles(frames.get(f - 1), frames.get(f))) {
        operations += 2.0 * frames.get(f).pixels().remaining();
      }
    }
    return operations;
  }

  private static boolean sameTiles(TiledImage before, TiledImage now) {
    // On a sheet, patches do not lie as in the picture.
    return before.tiles().stream().allMatch(tile -> tile.sheet() == null)
        && before.tileWidth() == now.tileWidth()
        && before.tileHeight() == now.tileHeight()
        && before.tiles().size() == now.tiles().size();
  }

  private static float change(
      TiledImage before, TiledImage now, int within, Tile tile, TokenPosition at) {
    int width = now.tileWidth();
    int height = now.tileHeight();
    FloatBuffer old = before.pixels();
    FloatBuffer young = now.pixels();
    double sum = 0;
    int count = 0;
    // Frames that are encoded together are each compared with the one in their place; where there
    // are fewer, the encoder is given the last one again.
    for (int i = 0; i < 3 * Math.max(before.frames(), now.frames()); i++) {
      int planeBefore = plane(before, within, i / 3, i % 3);
      int plane = plane(now, within, i / 3, i % 3);
      for (int y = at.row() * height / tile.rows();
          y < (at.row() + 1) * height / tile.rows();
          y++) {
        int row = y * width;
        for (int x = at.col() * width / tile.cols();
            x < (at.col() + 1) * width / tile.cols();
            x++) {
          sum += Math.abs(old.get(planeBefore + row + x) - young.get(plane + row + x));
          count++;
        }
      }
    }
    return (float) Math.min(1, sum / count / RANGE);
  }

  /** Index of the first value of a colour of a frame. */
  private static int plane(TiledImage image, int tile, int frame, int colour) {
    int of = tile * image.frames() + Math.min(frame, image.frames() - 1);
    return (3 * of + colour) * image.tileWidth() * image.tileHeight();
  }
}
