package dev.squint.vision.tile;

import dev.squint.pruner.Tile;
import dev.squint.vision.picture.Region;
import org.jspecify.annotations.Nullable;

/**
 * Position of one tile on its picture.
 *
 * @param crop row and column among the crops, or null for the global view
 * @param region the part of the picture that it shows
 */
public record TilePlacement(Tile.@Nullable Crop crop, Region region) {

  /** Whether this is the global view, the whole picture at low resolution. */
  public boolean isGlobal() {
    return crop == null;
  }
}
