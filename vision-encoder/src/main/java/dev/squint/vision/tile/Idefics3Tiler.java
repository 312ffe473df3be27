package dev.squint.vision.tile;

import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import dev.squint.vision.picture.ResampleFilter;
import dev.squint.vision.picture.Resampler;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The crops, row by row, then the global view (Idefics3, arXiv 2408.12637, and SmolVLM). Small
 * pictures are enlarged until their longest edge fills the allowed number of crops, unless the
 * package asks for native size.
 *
 * @param longestEdge length of the longest edge after resizing, in pixels, or null to keep it
 * @param exact size that the picture is resized to instead, aspect ratio ignored, or null
 * @param tileEdge edge of a crop and of the global view in pixels
 * @param splitting whether pictures are cut into crops
 * @param nativeSizeCap whether the longest edge is enlarged to the next multiple of {@code
 *     tileEdge} at most, so that a picture of one tile's size stays one tile
 */
public record Idefics3Tiler(
    @Nullable Integer longestEdge,
    @Nullable Dimensions exact,
    int tileEdge,
    boolean splitting,
    boolean nativeSizeCap,
    ResampleFilter filter,
    PixelScaling scaling)
    implements ImageTiler {

  /** Longer edges are shrunk to this, independent of the configuration. */
  private static final int MAX_EDGE = 4096;

  @Override
  public int tiles(Dimensions picture) {
    if (!splitting) {
      return 1;
    }
    return ofSize(first(picture));
  }

  private int ofSize(Dimensions size) {
    Dimensions resized = wholeTiles(size);
    int crops = (resized.width() / tileEdge) * (resized.height() / tileEdge);
    return crops == 1 ? 1 : crops + 1;
  }

  @Override
  public TiledImage tile(Picture picture) {
    return tile(picture, first(Dimensions.of(picture)));
  }

  @Override
  public Optional<ImageTiler> scaled(double factor) {
    return splitting ? Optional.of(new Level(this, factor)) : Optional.empty();
  }

  /** Pictures of another size than the configuration's. */
  private record Level(Idefics3Tiler tiler, double factor) implements ImageTiler {
    @Override
    public int tiles(Dimensions picture) {
      return tiler.ofSize(size(picture));
    }

    @Override
    public TiledImage tile(Picture picture) {
      return tiler.tile(picture, size(Dimensions.of(picture)));
    }

    private Dimensions size(Dimensions picture) {
      Dimensions own = tiler.first(picture);
      return capped(
          new Dimensions(
              Math.max(1, (int) Math.rint(own.width() * factor)),
              Math.max(1, (int) Math.rint(own.height() * factor))));
    }
  }

  private TiledImage tile(Picture picture, Dimensions size) {
    Picture resized = resize(picture, size);
    Region whole = Region.whole(picture);
    if (splitting) {
      resized = resize(resized, wholeTiles(Dimensions.of(resized)));
    }
    Picture globalView = resize(resized, new Dimensions(tileEdge, tileEdge));
    List<TiledImage.Cut> cuts = new ArrayList<>();
    if (splitting && (resized.width() > tileEdge || resized.height() > tileEdge)) {
      cuts.addAll(Crops.of(resized, whole, new Dimensions(tileEdge, tileEdge)));
    }
    cuts.add(new TiledImage.Cut(globalView, new TilePlacement(null, whole)));
    return TiledImage.of(picture, cuts, scaling, null);
  }

  private Picture resize(Picture picture, Dimensions size) {
    return Resampler.resize(picture, size.width(), size.height(), filter);
  }

  private Dimensions first(Dimensions size) {
    if (longestEdge == null) {
      return exact == null ? size : exact;
    }
    int edge = longestEdge;
    if (nativeSizeCap) {
      edge = Math.min(edge, roundUp(Math.max(size.width(), size.height())));
    }
    return capped(size.withLongestEdge(edge));
  }

  private static Dimensions capped(Dimensions size) {
    if (Math.max(size.width(), size.height()) <= MAX_EDGE) {
      return size;
    }
    double aspect = (double) size.width() / size.height();
    return size.width() >= size.height()
        ? new Dimensions(MAX_EDGE, Math.max(1, (int) (MAX_EDGE / aspect)))
        : new Dimensions(Math.max(1, (int) (MAX_EDGE * aspect)), MAX_EDGE);
  }

  private Dimensions wholeTiles(Dimensions size) {
    double aspect = (double) size.width() / size.height();
    if (size.width() >= size.height()) {
      int width = roundUp(size.width());
      return new Dimensions(width, roundUp((int) (width / aspect)));
    }
    int height = roundUp(size.height());
    return new Dimensions(roundUp((int) (height * aspect)), height);
  }

  private int roundUp(int length) {
    return Math.max(1, (length + tileEdge - 1) / tileEdge) * tileEdge;
  }
}
