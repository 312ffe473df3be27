package dev.squint.vision.tile;

import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import dev.squint.vision.picture.ResampleFilter;
import dev.squint.vision.picture.Resampler;
import java.util.ArrayList;
import java.util.List;

/**
 * The crops, row by row, then the whole picture: the grid of crops whose aspect ratio is closest to
 * the picture's, which is squeezed into it (InternVL, arXiv 2404.16821, section 3.1, "dynamic
 * high-resolution"; transformers, {@code image_processing_got_ocr2.py}).
 *
 * @param tile size of a crop and of the global view, in pixels
 * @param fewest smallest number of crops
 * @param most largest number of crops
 * @param nativeSizeCap whether a grid has no crops beyond those that the picture fills in its own
 *     size
 */
record ClosestAspectTiler(
    Dimensions tile,
    int fewest,
    int most,
    boolean nativeSizeCap,
    ResampleFilter filter,
    PixelScaling scaling)
    implements ImageTiler {

  /** Of grids that are equally close, the larger is taken up to this multiple of the picture. */
  private static final double ENLARGEMENT = 2;

  private record Grid(int rows, int cols) {
    int crops() {
      return rows * cols;
    }
  }

  @Override
  public int tiles(Dimensions picture) {
    int crops = closest(picture).crops();
    return crops == 1 ? 1 : crops + 1;
  }

  @Override
  public TiledImage tile(Picture picture) {
    List<TiledImage.Cut> cuts = new ArrayList<>(crops(picture));
    if (cuts.size() != 1) {
      cuts.add(squeezed(picture));
    }
    return TiledImage.of(picture, cuts, scaling, null);
  }

  /** The crops of a picture; if the grid has one alone, the whole picture. */
  List<TiledImage.Cut> crops(Picture picture) {
    Grid grid = closest(Dimensions.of(picture));
    if (grid.crops() == 1) {
      return List.of(squeezed(picture));
    }
    Picture squeezed =
        Resampler.resize(picture, grid.cols() * tile.width(), grid.rows() * tile.height(), filter);
    return Crops.of(squeezed, Region.whole(picture), tile);
  }

  private TiledImage.Cut squeezed(Picture picture) {
    return new TiledImage.Cut(
        Resampler.resize(picture, tile.width(), tile.height(), filter),
        new TilePlacement(null, Region.whole(picture)));
  }

  /** Grids are tried by their number of crops, then by their columns; the first counts. */
  private Grid closest(Dimensions picture) {
    double aspect = (double) picture.width() / picture.height();
    double area = (double) picture.width() * picture.height();
    Grid closest = new Grid(1, 1);
    double least = Double.POSITIVE_INFINITY;
    for (int crops = fewest; crops <= most; crops++) {
      double covered = (double) crops * tile.width() * tile.height();
      for (int cols = 1; cols <= crops; cols++) {
        Grid grid = new Grid(crops / cols, cols);
        if (crops % cols != 0 || (nativeSizeCap && !isFilledBy(picture, grid))) {
          continue;
        }
        double difference = Math.abs(aspect - (double) cols / grid.rows());
        boolean larger = difference == least && ENLARGEMENT * area > covered;
        if (difference < least || larger) {
          least = difference;
          closest = grid;
        }
      }
    }
    return closest;
  }

  private boolean isFilledBy(Dimensions picture, Grid grid) {
    return picture.width() > (grid.cols() - 1) * tile.width()
        && picture.height() > (grid.rows() - 1) * tile.height();
  }
}
