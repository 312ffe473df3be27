package dev.squint.vision;

import java.util.List;

/**
 * One tile of about the picture's own size and aspect, its sides multiples of a visual token's edge
 * and its area between two bounds (Qwen2-VL, arXiv 2409.12191, and later Qwen models).
 *
 * @param minPixels smaller pictures are enlarged
 * @param maxPixels larger pictures are shrunk
 * @param resizing whether pictures are resized at all
 */
record SmartResizeTiler(
    long minPixels,
    long maxPixels,
    boolean resizing,
    PatchLayout layout,
    ResampleFilter filter,
    PixelScaling scaling)
    implements ImageTiler {

  private static final double MAX_ASPECT = 200;

  @Override
  public int tiles(Dimensions picture) {
    return 1;
  }

  @Override
  public TiledImage tile(Picture picture) {
    Dimensions size = resizing ? resized(Dimensions.of(picture)) : Dimensions.of(picture);
    if (size.width() % layout.tokenEdge() != 0 || size.height() % layout.tokenEdge() != 0) {
      throw new IllegalArgumentException(
          "do_resize is false, so both sides must be multiples of %d pixels but are %d x %d"
              .formatted(layout.tokenEdge(), size.width(), size.height()));
    }
    Picture resized = Resampler.resize(picture, size.width(), size.height(), filter);
    TilePlacement whole = new TilePlacement(null, Region.whole(picture));
    return TiledImage.of(picture, List.of(new TiledImage.Cut(resized, whole)), scaling, layout);
  }

  private Dimensions resized(Dimensions picture) {
    double width = picture.width();
    double height = picture.height();
    double aspect = Math.max(width, height) / Math.min(width, height);
    if (aspect > MAX_ASPECT) {
      throw new IllegalArgumentException(
          "a picture for this model may be 200 times as long as wide at most but has %d x %d pixels"
              .formatted(picture.width(), picture.height()));
    }
    int edge = layout.tokenEdge();
    // Halves go to the even neighbour, as Python rounds.
    double newWidth = Math.rint(width / edge) * edge;
    double newHeight = Math.rint(height / edge) * edge;
    if (newWidth * newHeight > maxPixels) {
      double shrink = Math.sqrt(height * width / maxPixels);
      newWidth = Math.max(edge, Math.floor(width / shrink / edge) * edge);
      newHeight = Math.max(edge, Math.floor(height / shrink / edge) * edge);
    } else if (newWidth * newHeight < minPixels) {
      double grow = Math.sqrt(minPixels / (height * width));
      newWidth = Math.ceil(width * grow / edge) * edge;
      newHeight = Math.ceil(height * grow / edge) * edge;
    }
    return new Dimensions((int) newWidth, (int) newHeight);
  }
}
