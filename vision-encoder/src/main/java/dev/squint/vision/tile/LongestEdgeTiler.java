package dev.squint.vision.tile;

import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import dev.squint.vision.picture.ResampleFilter;
import dev.squint.vision.picture.Resampler;
import java.util.List;

/**
 * One tile for the whole picture: resized so that its longer side is that of the tile, then padded
 * to a square (Janus; transformers, {@code image_processing_janus.py}).
 *
 * @param edge side of the tile in pixels
 * @param least shortest side of the resized picture in pixels
 * @param rounds whether sides are rounded to the nearest whole number, or else down
 * @param background red, green and blue of the padding, 0xRRGGBB
 */
record LongestEdgeTiler(
    int edge,
    int least,
    boolean rounds,
    int background,
    ResampleFilter filter,
    PixelScaling scaling)
    implements ImageTiler {

  @Override
  public int tiles(Dimensions picture) {
    return 1;
  }

  @Override
  public TiledImage tile(Picture picture) {
    int longest = Math.max(picture.width(), picture.height());
    int width = scaled(picture.width(), longest);
    int height = scaled(picture.height(), longest);
    Picture resized = Resampler.resize(picture, width, height, filter);
    int left = -((edge - width) / 2);
    int top = -((edge - height) / 2);
    Region shown = Region.whole(picture).part(left, top, edge, edge, new Dimensions(width, height));
    Picture padded = resized.crop(left, top, edge, edge, background);
    return TiledImage.of(
        picture,
        List.of(new TiledImage.Cut(padded, new TilePlacement(null, shown))),
        scaling,
        null);
  }

  /** In the order in which the two processors multiply and divide. */
  private int scaled(int length, int longest) {
    int side =
        rounds
            ? (int) Math.rint(length * ((double) edge / longest))
            : (int) ((double) length / longest * edge);
    return Math.max(side, least);
  }
}
