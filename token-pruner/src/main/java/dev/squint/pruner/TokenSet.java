package dev.squint.pruner;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The visual tokens of a request at one point, in the order of the prompt, with all properties of
 * each. It is reduced only as a whole, so that all properties stay consistent. The subtype says at
 * which point, and therefore which methods can act.
 */
public abstract sealed class TokenSet
    permits FrameTokens, CropTokens, PatchGroups, PatchTokens, LayerTokens {
  private final Matrix features;
  private final List<Tile> tiles;
  private final List<TokenPosition> positions;
  private final int[] patches;
  private final EvidenceSet observed;

  TokenSet(
      Matrix features,
      List<Tile> tiles,
      List<TokenPosition> positions,
      int[] patches,
      EvidenceSet observed) {
    this.features = features;
    this.tiles = List.copyOf(tiles);
    this.positions = List.copyOf(positions);
    this.patches = patches.clone();
    this.observed = observed;
    int n = features.rows();
    if (positions.size() != n || patches.length != n) {
      throw new IllegalArgumentException(
          "tokens, positions and patch counts must have the same number but there are %d, %d and %d"
              .formatted(n, positions.size(), patches.length));
    }
    for (TokenPosition position : positions) {
      if (position.tile() >= tiles.size()) {
        throw new IllegalArgumentException(
            "%s refers to a tile that is not among the %d tiles".formatted(position, tiles.size()));
      }
    }
    observed.check(n);
  }

  /** Number of tokens, N. */
  public int size() {
    return features.rows();
  }

  /** The feature vectors of the tokens, [N, D]. */
  public Matrix features() {
    return features;
  }

  /**
   * The encoded tiles, in the order of the prompt, including those that have lost all their tokens.
   */
  public List<Tile> tiles() {
    return tiles;
  }

  /** Position of each token, [N]. */
  public List<TokenPosition> positions() {
    return positions;
  }

  /** Number of the encoder's tokens that each token represents, [N]; 1 until tokens are merged. */
  public int[] patches() {
    return patches.clone();
  }

  /**
   * One kind of evidence.
   *
   * @throws IllegalStateException when it was not observed, or the method does not declare it
   */
  public <V> V evidence(Evidence<V> kind) {
    return observed.get(kind);
  }

  /** The available kinds of evidence. */
  public Set<Evidence<?>> evidenceKinds() {
    return observed.kinds();
  }

  /**
   * Additional {@link Operations} of the tokens and their evidence, beyond what the model computes
   * anyway.
   */
  public double operations() {
    return observed.operations();
  }

  /** Indices of the tokens of one tile, ascending. */
  public int[] ofTile(int tile) {
    return IntStream.range(0, size()).filter(i -> positions.get(i).tile() == tile).toArray();
  }

  /** The tokens after the reduction, with all their properties. */
  public abstract TokenSet reduced(TokenReduction reduction);

  /** The same tokens with only these kinds of evidence. */
  public abstract TokenSet showingOnly(Set<Evidence<?>> kinds);

  EvidenceSet observed() {
    return observed;
  }

  @Override
  public String toString() {
    return "%s[%d tokens of %d tiles, %s]"
        .formatted(getClass().getSimpleName(), size(), tiles.size(), observed.kinds());
  }
}
