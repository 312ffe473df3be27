package dev.squint.pruner;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The groups of patches of a request's tiles before they are encoded, one token per group, [G, 3]:
 * the mean of each colour. A group is the patches that become one visual token, so a group has the
 * position of its token. A dropped group is not encoded.
 *
 * <p>Tiles that were encoded already, such as global views that a method reads first, are among
 * them with all of their groups. Dropping these saves nothing in the encoder, but their tokens are
 * dropped too.
 */
public final class PatchGroups extends TokenSet {

  private PatchGroups(
      Matrix colours,
      List<Tile> tiles,
      List<TokenPosition> positions,
      int[] patches,
      EvidenceSet observed) {
    super(colours, tiles, positions, patches, observed);
  }

  /**
   * All groups of the tiles, tile by tile in the order of the prompt, each tile row by row.
   *
   * @param tiles the tiles of the request with their grids of visual tokens
   * @param colours the mean of each colour, [G, 3]
   * @throws IllegalArgumentException when the numbers of groups do not match
   */
  public static PatchGroups of(List<Tile> tiles, Matrix colours) {
    List<TokenPosition> positions = new ArrayList<>();
    for (int t = 0; t < tiles.size(); t++) {
      Tile tile = tiles.get(t);
      for (int group = 0; group < tile.tokens(); group++) {
        positions.add(new TokenPosition(tile.frame(), t, group / tile.cols(), group % tile.cols()));
      }
    }
    int[] patches = new int[positions.size()];
    Arrays.fill(patches, 1);
    return new PatchGroups(colours, tiles, positions, patches, EvidenceSet.nothing());
  }

  /** The same groups with one more piece of evidence, such as the global views. */
  public <V> PatchGroups with(Evidence<V> kind, V value) {
    return with(kind, value, 0);
  }

  /**
   * The same groups with one more piece of evidence.
   *
   * @param operations {@link Operations} that it took
   */
  public <V> PatchGroups with(Evidence<V> kind, V value, double operations) {
    return new PatchGroups(
        features(), tiles(), positions(), patches(), observed().with(kind, value, operations));
  }

  @Override
  public PatchGroups reduced(TokenReduction reduction) {
    return new PatchGroups(
        reduction.apply(features()),
        tiles(),
        reduction.pick(positions()),
        reduction.sum(patches()),
        observed().reduced(reduction));
  }

  @Override
  public PatchGroups showingOnly(Set<Evidence<?>> kinds) {
    return new PatchGroups(features(), tiles(), positions(), patches(), observed().only(kinds));
  }
}
