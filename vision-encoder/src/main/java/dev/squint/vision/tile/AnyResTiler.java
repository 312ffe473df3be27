package dev.squint.vision.tile;

import dev.squint.pruner.Tile;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import dev.squint.vision.picture.Resampler;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The global view, then the crops, row by row. The picture is scaled to the best of several
 * resolutions and centred on black (LLaVA-NeXT and LLaVA-OneVision, arXiv 2408.03326).
 *
 * @param resolutions allowed sizes of all crops together, in pixels
 * @param globalView size of the global view, in pixels
 * @param cropEdge edge of a crop in pixels
 * @param each the tiler that makes each tile
 * @param amongOthers makes the only tile of a picture in a request with several, or null if such
 *     pictures are cut into crops too
 */
public record AnyResTiler(
    List<Dimensions> resolutions,
    Dimensions globalView,
    int cropEdge,
    SingleTiler each,
    @Nullable SingleTiler amongOthers)
    implements ImageTiler {

  @Override
  public int tiles(Dimensions picture) {
    Dimensions best = best(picture);
    return 1 + crops(best.height()) * crops(best.width());
  }

  private int crops(int edge) {
    return (edge + cropEdge - 1) / cropEdge;
  }

  @Override
  public ImageTiler among(int pictures) {
    return pictures == 1 || amongOthers == null ? this : amongOthers;
  }

  @Override
  public TiledImage tile(Picture picture) {
    Region whole = Region.whole(picture);
    Dimensions best = best(Dimensions.of(picture));
    Dimensions fitted = fitted(Dimensions.of(picture), best);
    int left = -((best.width() - fitted.width()) / 2);
    int top = -((best.height() - fitted.height()) / 2);
    Picture canvas =
        Resampler.resize(picture, fitted.width(), fitted.height(), each.filter())
            .crop(left, top, best.width(), best.height());
    Region canvasRegion = whole.part(left, top, best.width(), best.height(), fitted);

    List<TiledImage.Cut> cuts = new ArrayList<>();
    Picture squeezed =
        Resampler.resize(picture, globalView.width(), globalView.height(), each.filter());
    cuts.add(each.fit(squeezed, whole));
    int rows = crops(best.height());
    int cols = crops(best.width());
    for (int row = 0; row < rows; row++) {
      for (int col = 0; col < cols; col++) {
        int x = col * cropEdge;
        int y = row * cropEdge;
        int width = Math.min(cropEdge, best.width() - x);
        int height = Math.min(cropEdge, best.height() - y);
        TiledImage.Cut cut =
            each.fit(
                canvas.crop(x, y, width, height), canvasRegion.part(x, y, width, height, best));
        cuts.add(
            new TiledImage.Cut(
                cut.tile(),
                new TilePlacement(new Tile.Crop(row, col, rows, cols), cut.placement().region())));
      }
    }
    return TiledImage.of(picture, cuts, each.scaling(), null);
  }

  /**
   * Returns the resolution that keeps most of the picture's pixels; of equal ones, the one with the
   * least padding.
   */
  private Dimensions best(Dimensions picture) {
    Dimensions best = resolutions.get(0);
    long mostShown = 0;
    long leastWasted = Long.MAX_VALUE;
    for (Dimensions candidate : resolutions) {
      double scale =
          Math.min(
              (double) candidate.width() / picture.width(),
              (double) candidate.height() / picture.height());
      long width = (long) (picture.width() * scale);
      long height = (long) (picture.height() * scale);
      long shown = Math.min(width * height, (long) picture.width() * picture.height());
      long wasted = (long) candidate.width() * candidate.height() - shown;
      if (shown > mostShown || (shown == mostShown && wasted < leastWasted)) {
        best = candidate;
        mostShown = shown;
        leastWasted = wasted;
      }
    }
    return best;
  }

  private static Dimensions fitted(Dimensions picture, Dimensions box) {
    double across = (double) box.width() / picture.width();
    double down = (double) box.height() / picture.height();
    return across < down
        ? new Dimensions(
            box.width(), Math.min((int) Math.ceil(picture.height() * across), box.height()))
        : new Dimensions(
            Math.min((int) Math.ceil(picture.width() * down), box.width()), box.height());
  }
}
