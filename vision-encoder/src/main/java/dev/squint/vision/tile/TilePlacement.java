package dev.squint.vision.tile;

import dev.squint.pruner.Tile;
import dev.squint.vision.picture.Region;
import org.jspecify.annotations.Nullable;

/**
 * Position of one tile on its picture.
 *
 * @param crop row and column among the crops, or null for the global view
 * @param region the part of the picture that it shows
 * @param sheet the grid of visual tokens of a tile whose patches lie on a sheet ({@link
 *     PatchSheet}); null if the tile's pixels lie as in the picture
 */
public record TilePlacement(Tile.@Nullable Crop crop, Region region, @Nullable TokenGrid sheet) {

  /** A tile whose pixels lie as in the picture. */
  public TilePlacement(Tile.@Nullable Crop crop, Region region) {
    this(crop, region, null);
  }

  /** Whether this is the global view, the whole picture at low resolution. */
  public boolean isGlobal() {
    return crop == null;
  }
}
