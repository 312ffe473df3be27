package dev.squint.vision.tile;

import java.util.List;

/**
 * The groups of patches of one tile that are encoded. A group is the patches that become one visual
 * token.
 *
 * @param grid the grid of groups on the tile
 * @param groups their numbers, counted row by row, ascending; at least one
 */
public record KeptGroups(TokenGrid grid, List<Integer> groups) {

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if there are no groups, or they do not ascend within the grid
   */
  public KeptGroups {
    groups = List.copyOf(groups);
    int before = -1;
    for (int group : groups) {
      if (group <= before || group >= grid.rows() * grid.cols()) {
        throw new IllegalArgumentException(
            "groups of patches must ascend from 0 to %d but were %s"
                .formatted(grid.rows() * grid.cols() - 1, groups));
      }
      before = group;
    }
    if (groups.isEmpty()) {
      throw new IllegalArgumentException(
          "a tile needs at least one group of patches; leave out a tile that has none");
    }
  }

  /** Whether these are all groups of the tile. */
  public boolean isAll() {
    return groups.size() == grid.rows() * grid.cols();
  }
}
