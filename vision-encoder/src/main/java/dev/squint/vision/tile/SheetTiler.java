package dev.squint.vision.tile;

import dev.squint.pruner.Tile;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import dev.squint.vision.picture.Resampler;
import java.util.ArrayList;
import java.util.List;

/**
 * Pictures of about their own size in one tile; large ones as the crops of the grid of the closest
 * aspect ratio, row by row, then the whole picture in about its own aspect ratio (LFM2-VL;
 * transformers, {@code image_processing_lfm2_vl.py}). Tiles lie on sheets, since the whole picture
 * has another size than crops.
 *
 * @param crops finds the grid and makes the crops
 * @param whole the size of the whole picture
 * @param layout patches and visual tokens
 * @param splitting whether large pictures are cut into crops
 * @param thumbnail whether crops are followed by the whole picture
 */
record SheetTiler(
    ClosestAspectTiler crops, Whole whole, PatchLayout layout, boolean splitting, boolean thumbnail)
    implements ImageTiler {

  /**
   * The size of the whole picture: sides are multiples of a visual token.
   *
   * @param edge of a visual token in pixels
   * @param fewest smallest number of visual tokens
   * @param most largest number of visual tokens
   * @param tolerance a picture is cut into crops above the largest number times this factor
   */
  record Whole(int edge, int fewest, int most, double tolerance) {

    boolean isExceededBy(Dimensions picture, int patch) {
      double height = Math.max(patch, rounded(picture.height()));
      double width = Math.max(patch, rounded(picture.width()));
      return height * width > (double) most * edge * edge * tolerance;
    }

    Dimensions of(Dimensions picture) {
      double height = picture.height();
      double width = picture.width();
      double newHeight = Math.max(edge, rounded(height));
      double newWidth = Math.max(edge, rounded(width));
      double least = (double) fewest * edge * edge;
      double greatest = (double) most * edge * edge;
      if (newHeight * newWidth > greatest) {
        double shrink = Math.sqrt(height * width / greatest);
        newHeight = Math.max(edge, Math.floor(height / shrink / edge) * edge);
        newWidth = Math.max(edge, Math.floor(width / shrink / edge) * edge);
      } else if (newHeight * newWidth < least) {
        double grow = Math.sqrt(least / (height * width));
        newHeight = Math.ceil(height * grow / edge) * edge;
        newWidth = Math.ceil(width * grow / edge) * edge;
      }
      return new Dimensions((int) newWidth, (int) newHeight);
    }

    /** Halves are rounded to even, as in Python. */
    private double rounded(double length) {
      return Math.rint(length / edge) * edge;
    }
  }

  private boolean isCut(Dimensions picture) {
    return splitting && whole.isExceededBy(picture, layout.patch());
  }

  @Override
  public int tiles(Dimensions picture) {
    if (!isCut(picture)) {
      return 1;
    }
    int tiles = crops.tiles(picture);
    return tiles == 1 || thumbnail ? tiles : tiles - 1;
  }

  @Override
  public TiledImage tile(Picture picture) {
    Dimensions size = whole.of(Dimensions.of(picture));
    Region shown = Region.whole(picture);
    List<TiledImage.Cut> cuts = new ArrayList<>();
    if (isCut(Dimensions.of(picture))) {
      cuts.addAll(crops.crops(picture));
    }
    if (cuts.size() != 1 && (cuts.isEmpty() || thumbnail)) {
      Picture resized = Resampler.resize(picture, size.width(), size.height(), crops.filter());
      cuts.add(new TiledImage.Cut(resized, new TilePlacement(null, shown)));
    }
    int side = side(cuts);
    return TiledImage.of(
        picture, cuts.stream().map(cut -> onSheet(cut, side)).toList(), crops.scaling(), layout);
  }

  /** As large as a crop, unless the whole picture has more patches. */
  private int side(List<TiledImage.Cut> cuts) {
    int most = whole.most() * layout.merge() * layout.merge();
    int ofCrop = crops.tile().width() / layout.patch();
    int largest =
        cuts.stream()
            .mapToInt(cut -> cut.tile().width() * cut.tile().height())
            .map(pixels -> pixels / (layout.patch() * layout.patch()))
            .max()
            .orElse(0);
    return Math.max(ofCrop, (int) Math.ceil(Math.sqrt(Math.max(most, largest))));
  }

  private TiledImage.Cut onSheet(TiledImage.Cut cut, int side) {
    TokenGrid grid =
        new TokenGrid(
            cut.tile().height() / layout.tokenEdge(), cut.tile().width() / layout.tokenEdge());
    Tile.Crop crop = cut.placement().crop();
    return new TiledImage.Cut(
        new PatchSheet(layout.patch(), side).of(cut.tile()),
        new TilePlacement(crop, cut.placement().region(), grid));
  }
}
