package dev.squint.vision.tile;

import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import dev.squint.vision.picture.ResampleFilter;
import dev.squint.vision.picture.Resampler;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Shrinks pictures before they are tiled, so that about a share of their visual tokens remains.
 * Baseline for methods that encode all pixels.
 *
 * <p>The exact rule: let all tiles of a picture have P pixels. Of the sizes at which the model cuts
 * it into fewer tiles, the largest with at most share * P pixels is used. For a model with tiles of
 * any size, both edges are multiplied by the square root of the share. If one tile is already
 * larger, the picture is scaled into a rectangle at the upper left of one tile, with the tile's
 * aspect ratio and share * P pixels. The rest of the tile is black, and its tokens are dropped
 * ({@link #shown}).
 */
public final class Downsampling {

  /** Smaller differences are rounding errors. */
  private static final double ROUNDING = 1e-9;

  private Downsampling() {}

  /**
   * Returns the tiles of a smaller version of a picture. Regions are in pixels of the original.
   *
   * @param picture the original
   * @param full all of its tiles
   * @param nativeSize the model's tiler, which does not enlarge small pictures
   * @param share of the tokens that remain, in (0, 1)
   */
  public static TiledImage shrink(
      Picture picture, TiledImage full, ImageTiler nativeSize, double share) {
    double most = share * pixels(full) + ROUNDING;
    for (Dimensions size : smallerSizes(picture, full, share)) {
      TiledImage tiled = nativeSize.tile(resized(picture, size));
      if (pixels(tiled) <= most) {
        return placedOn(picture, tiled, size);
      }
    }
    return squeezed(picture, full, nativeSize, most);
  }

  /** Sizes to try, the largest first. */
  private static List<Dimensions> smallerSizes(Picture picture, TiledImage full, double share) {
    int edges = Math.max(full.cropRows(), full.cropCols());
    if (edges == 0) {
      return List.of(scaled(picture, Math.sqrt(share)));
    }
    int edge = Math.max(full.tileWidth(), full.tileHeight());
    double longest = Math.max(picture.width(), picture.height());
    return IntStream.iterate(edges - 1, tiles -> tiles > 0, tiles -> tiles - 1)
        .mapToObj(tiles -> scaled(picture, tiles * edge / longest))
        .toList();
  }

  private static Dimensions scaled(Picture picture, double scale) {
    return new Dimensions(
        Math.max(1, (int) Math.rint(picture.width() * scale)),
        Math.max(1, (int) Math.rint(picture.height() * scale)));
  }

  private static TiledImage squeezed(
      Picture picture, TiledImage full, ImageTiler nativeSize, double most) {
    int width = full.tileWidth();
    int height = full.tileHeight();
    double scale = Math.min(1, Math.sqrt(most / ((double) width * height)));
    Dimensions size =
        new Dimensions(
            Math.max(1, (int) Math.rint(width * scale)),
            Math.max(1, (int) Math.rint(height * scale)));
    Picture canvas = resized(picture, size).crop(0, 0, width, height);
    TiledImage tiled = nativeSize.tile(canvas);
    int globalView =
        IntStream.range(0, tiled.tiles().size())
            .filter(tile -> tiled.tiles().get(tile).isGlobal())
            .findFirst()
            .orElseThrow();
    return placedOn(picture, tiled.only(globalView), size);
  }

  private static Picture resized(Picture picture, Dimensions size) {
    return Resampler.resize(picture, size.width(), size.height(), ResampleFilter.LANCZOS);
  }

  /** Returns the tiles of a picture of some size, with regions on the original. */
  private static TiledImage placedOn(Picture picture, TiledImage tiled, Dimensions size) {
    double across = (double) picture.width() / size.width();
    double down = (double) picture.height() / size.height();
    return tiled.placed(
        Dimensions.of(picture),
        tiled.tiles().stream()
            .map(
                tile -> {
                  Region region = tile.region();
                  return new TilePlacement(
                      tile.crop(),
                      new Region(
                          region.left() * across,
                          region.top() * down,
                          region.right() * across,
                          region.bottom() * down),
                      tile.sheet());
                })
            .toList());
  }

  /** Returns the number of pixels that are encoded. */
  public static long pixels(TiledImage picture) {
    return (long) picture.tiles().size() * picture.tileWidth() * picture.tileHeight();
  }

  /**
   * Drops the tokens whose centre lies on the black rest of a tile.
   *
   * @param tokens the tokens of all tiles of the pictures
   */
  public static TokenReduction shown(List<TiledImage> pictures, PatchTokens tokens) {
    List<TilePlacement> placements =
        pictures.stream().flatMap(picture -> picture.tiles().stream()).toList();
    int[] shown =
        IntStream.range(0, tokens.size())
            .filter(
                i -> {
                  TokenPosition position = tokens.positions().get(i);
                  TilePlacement placement = placements.get(position.tile());
                  if (!placement.isGlobal()) {
                    return true;
                  }
                  TiledImage picture = pictures.get(position.frame());
                  Dimensions grid =
                      new Dimensions(
                          tokens.tiles().get(position.tile()).cols(),
                          tokens.tiles().get(position.tile()).rows());
                  Region token =
                      placement.region().part(position.col(), position.row(), 1, 1, grid);
                  return token.left() + token.right() <= 2.0 * picture.pictureWidth()
                      && token.top() + token.bottom() <= 2.0 * picture.pictureHeight();
                })
            .toArray();
    return TokenReduction.keep(tokens.size(), shown);
  }
}
