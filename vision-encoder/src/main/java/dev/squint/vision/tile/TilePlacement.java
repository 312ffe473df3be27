package dev.squint.vision.tile;

import dev.squint.pruner.Tile;
import dev.squint.vision.picture.Region;
import org.jspecify.annotations.Nullable;

/**
 * Where one tile lies on its picture.
 *
 * @param crop which of the picture's crops it is, or null for the global view
 * @param region what of the picture it shows
 */
public record TilePlacement(Tile.@Nullable Crop crop, Region region) {

  /** Whether this is the global view, the whole picture at low resolution. */
  public boolean isGlobal() {
    return crop == null;
  }
}
