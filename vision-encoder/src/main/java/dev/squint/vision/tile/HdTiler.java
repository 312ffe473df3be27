package dev.squint.vision.tile;

import dev.squint.vision.io.ContentHash;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import dev.squint.vision.picture.ResampleFilter;
import dev.squint.vision.picture.Resampler;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.Stream;

/**
 * The global view, then the crops, row by row. The longer side of the picture becomes as many crops
 * as are allowed, and the shorter side is padded with white to whole crops. The global view is the
 * padded picture, squeezed to one tile after its pixels were scaled (Phi-3.5-vision, arXiv
 * 2404.14219, "Technical Specifications"; {@code image_processing_phi3_v.py} beside its weights).
 *
 * @param edge side of a tile in pixels
 * @param most largest number of crops
 * @param nativeSizeCap whether the longer side has no crops beyond those that the picture fills in
 *     its own size
 */
record HdTiler(
    int edge, int most, boolean nativeSizeCap, ResampleFilter filter, PixelScaling scaling)
    implements ImageTiler {

  private static final int WHITE = 0xFFFFFF;

  /** The EXIF orientation that swaps rows and columns. */
  private static final int TRANSPOSED = 5;

  @Override
  public int tiles(Dimensions picture) {
    Dimensions fitted = fitted(picture);
    return 1 + crops(fitted.width()) * crops(fitted.height());
  }

  @Override
  public TiledImage tile(Picture picture) {
    Dimensions fitted = fitted(Dimensions.of(picture));
    Picture padded = padded(picture);
    Region region =
        Region.whole(picture)
            .part(
                -((padded.width() - fitted.width()) / 2),
                -((padded.height() - fitted.height()) / 2),
                padded.width(),
                padded.height(),
                fitted);
    List<TiledImage.Cut> cuts = Crops.of(padded, region, new Dimensions(edge, edge));
    TiledImage crops = TiledImage.of(picture, cuts, scaling, null);
    float[] planes = new float[padded.rgb().length];
    scaling.write(padded, planes);
    float[] global = BicubicPlanes.squeezed(planes, Dimensions.of(padded), edge);
    FloatBuffer pixels =
        DirectBuffers.floats(Math.addExact(global.length, crops.pixels().remaining()));
    pixels.put(global).put(crops.pixels());
    String whole = ContentHash.of("squeezed to %d: %s".formatted(edge, scaling.content(padded)));
    return new TiledImage(
            picture.width(),
            picture.height(),
            edge,
            edge,
            Stream.concat(Stream.of(new TilePlacement(null, region)), crops.tiles().stream())
                .toList(),
            null,
            pixels.flip())
        .withContents(Stream.concat(Stream.of(whole), crops.contents().stream()).toList());
  }

  /** Upright pictures lie on their side meanwhile, since the order of the two passes rounds. */
  private Picture padded(Picture picture) {
    boolean upright = picture.width() < picture.height();
    Picture lying = upright ? picture.upright(TRANSPOSED) : picture;
    Dimensions fitted = fitted(Dimensions.of(lying));
    int height = crops(fitted.height()) * edge;
    Picture padded =
        Resampler.resize(lying, fitted.width(), fitted.height(), filter)
            .crop(0, -((height - fitted.height()) / 2), fitted.width(), height, WHITE);
    return upright ? padded.upright(TRANSPOSED) : padded;
  }

  private int crops(int length) {
    return (length + edge - 1) / edge;
  }

  /** Size of the resized picture before it is padded. */
  private Dimensions fitted(Dimensions picture) {
    int longer = Math.max(picture.width(), picture.height());
    int shorter = Math.min(picture.width(), picture.height());
    double ratio = (double) longer / shorter;
    int scale = 1;
    while (isAllowed(scale + 1, ratio, longer)) {
      scale++;
    }
    int length = scale * edge;
    int other = (int) (length / ratio);
    if (other < 1) {
      throw new IllegalArgumentException(
          "a picture of %d x %d pixels is too narrow for this model; one side may be at most %d times as long as the other"
              .formatted(picture.width(), picture.height(), length));
    }
    return picture.width() < picture.height()
        ? new Dimensions(other, length)
        : new Dimensions(length, other);
  }

  private boolean isAllowed(int scale, double ratio, int longer) {
    return scale * Math.ceil(scale / ratio) <= most
        && (!nativeSizeCap || longer > (scale - 1) * edge);
  }
}
