package dev.squint.vision.encoder;

import dev.squint.pruner.TokenReduction;
import dev.squint.vision.tile.TokenGrid;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Numbers of patches and of visual tokens on the grids of several tiles. */
final class GridTokens {

  private GridTokens() {}

  /** The patches of some groups of each tile, as a reduction of all patches. */
  static TokenReduction patches(List<int[]> groups, List<PatchRows> rows) {
    List<int[]> patches = new ArrayList<>();
    for (int t = 0; t < groups.size(); t++) {
      PatchRows own = rows.get(t);
      patches.add(
          IntStream.of(groups.get(t))
              .flatMap(group -> IntStream.of(own.ofToken(group)))
              .sorted()
              .toArray());
    }
    return chosen(patches, rows.stream().map(PatchRows::patches).toList());
  }

  /** Some tokens of each tile, as a reduction of all tokens. */
  static TokenReduction chosen(List<int[]> chosen, List<TokenGrid> grids) {
    IntStream.Builder kept = IntStream.builder();
    int start = 0;
    for (int t = 0; t < chosen.size(); t++) {
      for (int token : chosen.get(t)) {
        kept.add(start + token);
      }
      start += count(grids.get(t));
    }
    return TokenReduction.keep(start, kept.build().toArray());
  }

  /** Number of tokens of a grid. */
  static int count(TokenGrid grid) {
    return grid.rows() * grid.cols();
  }
}
