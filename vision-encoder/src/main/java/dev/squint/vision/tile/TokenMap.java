package dev.squint.vision.tile;

import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Draws which visual tokens were kept: areas of kept tokens have full brightness, areas of merged
 * tokens are darker, the rest is dimmed.
 *
 * <p>A pixel is covered by a crop and by the global view. Its brightness is that of its crop's
 * token; if only the global view's token was kept, it is half bright.
 */
public final class TokenMap {

  private static final float KEPT = 1;
  private static final float MERGED = 0.6f;
  private static final float DROPPED = 0.18f;

  /** Weight of a token of the global view, if there are crops. */
  private static final float COARSE = 0.5f;

  private TokenMap() {}

  /**
   * Draws one map for each picture, in its size. Frames that were encoded together have the same
   * map.
   *
   * @param pictures the originals, frames one by one
   * @param tiled the same pictures, tiled for the encoder
   * @param tiles the encoder's output tiles of all pictures
   * @param reduction the reduction of the tokens of all tiles
   * @throws IllegalArgumentException if the arguments do not match
   */
  public static List<Picture> draw(
      List<Picture> pictures, List<TiledImage> tiled, List<Tile> tiles, TokenReduction reduction) {
    int placements = tiled.stream().mapToInt(picture -> picture.tiles().size()).sum();
    int shown = tiled.stream().mapToInt(TiledImage::frames).sum();
    int tokens = tiles.stream().mapToInt(Tile::tokens).sum();
    if (pictures.size() != shown || placements != tiles.size() || tokens != reduction.before()) {
      throw new IllegalArgumentException(
          "%d pictures, %d tiled ones with %d tiles, %d encoded tiles with %d tokens and a reduction of %d tokens do not belong together"
              .formatted(
                  pictures.size(), shown, placements, tiles.size(), tokens, reduction.before()));
    }
    float[] levels = levels(reduction);
    List<Picture> maps = new ArrayList<>();
    int tile = 0;
    int token = 0;
    int shownFrames = 0;
    for (TiledImage together : tiled) {
      Picture picture = pictures.get(shownFrames);
      float[] light = new float[picture.width() * picture.height()];
      Arrays.fill(light, DROPPED);
      for (TilePlacement placement : together.tiles()) {
        Tile encoded = tiles.get(tile++);
        float weight = placement.isGlobal() && together.tiles().size() > 1 ? COARSE : 1;
        for (int row = 0; row < encoded.rows(); row++) {
          for (int col = 0; col < encoded.cols(); col++) {
            Region region =
                placement
                    .region()
                    .part(col, row, 1, 1, new Dimensions(encoded.cols(), encoded.rows()));
            brighten(light, picture, region, weight * levels[token++]);
          }
        }
      }
      for (int frame = 0; frame < together.frames(); frame++) {
        maps.add(lit(pictures.get(shownFrames++), light));
      }
    }
    return maps;
  }

  /** Brightness of the area of each token, [N]. */
  private static float[] levels(TokenReduction reduction) {
    int[] target = reduction.target();
    float[] levels = new float[target.length];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = target[i] < 0 ? DROPPED : MERGED;
    }
    for (int kept : reduction.kept()) {
      levels[kept] = KEPT;
    }
    return levels;
  }

  /** Each pixel is assigned to the token that covers its centre. */
  private static void brighten(float[] light, Picture picture, Region region, float level) {
    int left = (int) Math.max(0, Math.ceil(region.left() - 0.5));
    int right = (int) Math.min(picture.width(), Math.ceil(region.right() - 0.5));
    int top = (int) Math.max(0, Math.ceil(region.top() - 0.5));
    int bottom = (int) Math.min(picture.height(), Math.ceil(region.bottom() - 0.5));
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        int at = y * picture.width() + x;
        light[at] = Math.max(light[at], level);
      }
    }
  }

  private static Picture lit(Picture picture, float[] light) {
    byte[] rgb = picture.rgb();
    byte[] lit = new byte[rgb.length];
    for (int i = 0; i < rgb.length; i++) {
      lit[i] = (byte) Math.round((rgb[i] & 0xff) * light[i / 3]);
    }
    return new Picture(picture.width(), picture.height(), lit);
  }
}
