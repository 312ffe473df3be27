package dev.squint.vision.tile;

import dev.squint.pruner.Tile;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import java.util.ArrayList;
import java.util.List;

/**
 * The global view, then, for elongated pictures, crops along the longer side (Gemma 3, arXiv
 * 2503.19786, "pan and scan"). Every tile is scaled to the encoder's size, aspect ratio ignored.
 *
 * @param minCropEdge smallest edge of a crop, in pixels of the picture
 * @param maxCrops largest number of crops
 * @param minAspect smallest ratio of the longer to the shorter side that gives crops
 * @param each the tiler that makes each tile
 */
record PanAndScanTiler(int minCropEdge, int maxCrops, double minAspect, SingleTiler each)
    implements ImageTiler {

  @Override
  public int tiles(Dimensions picture) {
    return 1
        + crops(
            Math.max(picture.width(), picture.height()),
            Math.min(picture.width(), picture.height()));
  }

  @Override
  public TiledImage tile(Picture picture) {
    Region whole = Region.whole(picture);
    List<TiledImage.Cut> cuts = new ArrayList<>();
    cuts.add(each.fit(picture, whole));
    boolean wide = picture.width() >= picture.height();
    int along = wide ? picture.width() : picture.height();
    int across = wide ? picture.height() : picture.width();
    int crops = tiles(Dimensions.of(picture)) - 1;
    int step = crops == 0 ? along : (along + crops - 1) / crops;
    for (int i = 0; i < crops; i++) {
      int start = i * step;
      int length = Math.min(step, along - start);
      int x = wide ? start : 0;
      int y = wide ? 0 : start;
      int width = wide ? length : across;
      int height = wide ? across : length;
      TiledImage.Cut cut =
          each.fit(
              picture.crop(x, y, width, height),
              whole.part(x, y, width, height, Dimensions.of(picture)));
      Tile.Crop place = wide ? new Tile.Crop(0, i, 1, crops) : new Tile.Crop(i, 0, crops, 1);
      cuts.add(new TiledImage.Cut(cut.tile(), new TilePlacement(place, cut.placement().region())));
    }
    return TiledImage.of(picture, cuts, each.scaling(), null);
  }

  private int crops(int along, int across) {
    double aspect = (double) along / across;
    if (aspect < minAspect) {
      return 0;
    }
    int crops = Math.min((int) Math.floor(aspect + 0.5), along / minCropEdge);
    crops = Math.min(maxCrops, Math.max(2, crops));
    return Math.min((along + crops - 1) / crops, across) < minCropEdge ? 0 : crops;
  }
}
