package dev.squint.vision.tile;

import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.Region;
import dev.squint.vision.picture.ResampleFilter;
import dev.squint.vision.picture.Resampler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One tile for the whole picture: padded to a square, resized, cropped at the centre, each only if
 * configured (CLIP, SigLIP, ViT, LLaVA-1.5, PaliGemma).
 *
 * @param background red, green and blue, 0xRRGGBB, of the square that the picture is padded to
 *     first, or null for no padding
 * @param size the size after resizing, or null to keep it
 * @param crop size of the part that is cut out of the centre, black where the picture is smaller,
 *     or null
 */
public record SingleTiler(
    @Nullable Integer background,
    @Nullable TargetSize size,
    ResampleFilter filter,
    @Nullable Dimensions crop,
    PixelScaling scaling)
    implements ImageTiler {

  @Override
  public int tiles(Dimensions picture) {
    return 1;
  }

  @Override
  public TiledImage tile(Picture picture) {
    return TiledImage.of(picture, List.of(fit(picture, Region.whole(picture))), scaling, null);
  }

  /** Returns one tile, as the global view, of a picture that shows this region of the original. */
  TiledImage.Cut fit(Picture picture, Region shown) {
    Picture fitted = picture;
    Region region = shown;
    if (background != null) {
      int edge = Math.max(picture.width(), picture.height());
      int left = -((edge - picture.width()) / 2);
      int top = -((edge - picture.height()) / 2);
      region = region.part(left, top, edge, edge, Dimensions.of(picture));
      fitted = fitted.crop(left, top, edge, edge, background);
    }
    if (size != null) {
      Dimensions resized = size.of(Dimensions.of(fitted));
      fitted = Resampler.resize(fitted, resized.width(), resized.height(), filter);
    }
    if (crop != null) {
      int left = Math.floorDiv(fitted.width() - crop.width(), 2);
      int top = Math.floorDiv(fitted.height() - crop.height(), 2);
      region = region.part(left, top, crop.width(), crop.height(), Dimensions.of(fitted));
      fitted = fitted.crop(left, top, crop.width(), crop.height());
    }
    return new TiledImage.Cut(fitted, new TilePlacement(null, region));
  }
}
