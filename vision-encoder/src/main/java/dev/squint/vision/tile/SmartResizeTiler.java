package dev.squint.vision.tile;

import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import dev.squint.vision.picture.ResampleFilter;
import dev.squint.vision.picture.Resampler;
import java.util.ArrayList;
import java.util.List;

/**
 * One tile of about the picture's own size and aspect ratio. Its sides are multiples of a visual
 * token's edge, its area is between two bounds (Qwen2-VL, arXiv 2409.12191, and later Qwen models).
 *
 * @param minPixels smaller pictures are enlarged; of all frames together if shared
 * @param maxPixels larger pictures are shrunk; of all frames together if shared
 * @param shared whether the frames of a video, or the two as which a picture counts, share these
 *     bounds (Qwen3-VL's videos, GLM-OCR), else each has them
 * @param resizing whether pictures are resized
 */
public record SmartResizeTiler(
    long minPixels,
    long maxPixels,
    boolean shared,
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
    // A still picture is repeated for each frame that a patch spans.
    int frames = shared ? layout.temporal() : 1;
    Dimensions own = Dimensions.of(picture);
    return tile(picture, resizing ? resized(own, frames) : own);
  }

  /**
   * Returns the frames of a video, in the size of the first one, grouped by the number of frames
   * that a patch spans; the last group may be smaller.
   */
  List<TiledImage> frames(List<Picture> frames) {
    Dimensions first = Dimensions.of(frames.get(0));
    Dimensions size = resizing ? resized(first, shared ? frames.size() : 1) : first;
    List<TiledImage> together = new ArrayList<>();
    for (int from = 0; from < frames.size(); from += layout.temporal()) {
      List<Picture> part = frames.subList(from, Math.min(frames.size(), from + layout.temporal()));
      together.add(TiledImage.together(part.stream().map(frame -> tile(frame, size)).toList()));
    }
    return together;
  }

  private TiledImage tile(Picture picture, Dimensions size) {
    if (size.width() % layout.tokenEdge() != 0 || size.height() % layout.tokenEdge() != 0) {
      throw new IllegalArgumentException(
          "do_resize is false, so both sides must be multiples of %d pixels but are %d x %d"
              .formatted(layout.tokenEdge(), size.width(), size.height()));
    }
    Picture resized = Resampler.resize(picture, size.width(), size.height(), filter);
    TilePlacement whole = new TilePlacement(null, Region.whole(picture));
    return TiledImage.of(picture, List.of(new TiledImage.Cut(resized, whole)), scaling, layout);
  }

  private Dimensions resized(Dimensions picture, int frames) {
    double width = picture.width();
    double height = picture.height();
    double aspect = Math.max(width, height) / Math.min(width, height);
    if (aspect > MAX_ASPECT) {
      throw new IllegalArgumentException(
          "a picture for this model may be 200 times as long as wide at most but has %d x %d pixels"
              .formatted(picture.width(), picture.height()));
    }
    int edge = layout.tokenEdge();
    if (shared && Math.min(width, height) < edge) {
      double enlarged = edge / Math.min(width, height);
      width = Math.floor(width * enlarged);
      height = Math.floor(height * enlarged);
    }
    // Halves are rounded to even, as in Python.
    double newWidth = Math.rint(width / edge) * edge;
    double newHeight = Math.rint(height / edge) * edge;
    // Qwen3-VL compares the area of a whole number of pairs.
    double pairs = frames == 1 ? 1 : Math.rint(frames / 2.0) * 2;
    if (pairs * newWidth * newHeight > maxPixels) {
      double shrink = Math.sqrt(frames * height * width / maxPixels);
      newWidth = Math.max(edge, Math.floor(width / shrink / edge) * edge);
      newHeight = Math.max(edge, Math.floor(height / shrink / edge) * edge);
    } else if (pairs * newWidth * newHeight < minPixels) {
      double grow = Math.sqrt(minPixels / (frames * height * width));
      newWidth = Math.ceil(width * grow / edge) * edge;
      newHeight = Math.ceil(height * grow / edge) * edge;
    }
    return new Dimensions((int) newWidth, (int) newHeight);
  }
}
