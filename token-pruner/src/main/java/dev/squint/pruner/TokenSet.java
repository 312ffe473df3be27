package dev.squint.pruner;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The visual tokens of a request at one point, in the order of the prompt, with all that is known
 * of each. Reduced only as a whole, so that nothing goes stale. The subtype says at which point,
 * and so which methods may act.
 */
public abstract sealed class TokenSet permits FrameTokens, CropTokens, PatchTokens, LayerTokens {
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
          "%d tokens came with %d positions and %d patch counts"
              .formatted(n, positions.size(), patches.length));
    }
    for (TokenPosition position : positions) {
      if (position.tile() >= tiles.size()) {
        throw new IllegalArgumentException(
            "%s is in none of the %d tiles".formatted(position, tiles.size()));
      }
    }
    observed.check(n);
  }

  /** Number of tokens, N. */
  public int size() {
    return features.rows();
  }

  /** The tokens themselves, [N, D]. */
  public Matrix features() {
    return features;
  }

  /**
   * The tiles that were encoded, in the order of the prompt; also those that have lost all their
   * tokens.
   */
  public List<Tile> tiles() {
    return tiles;
  }

  /** Where each token lies, [N]. */
  public List<TokenPosition> positions() {
    return positions;
  }

  /** How many of the encoder's tokens each one stands for, [N]; 1 until tokens are merged. */
  public int[] patches() {
    return patches.clone();
  }

  /**
   * One kind of evidence.
   *
   * @throws IllegalStateException when it was not observed, or not declared by the method that asks
   */
  public <V> V evidence(Evidence<V> kind) {
    return observed.get(kind);
  }

  /** The kinds of evidence that there are. */
  public Set<Evidence<?>> evidenceKinds() {
    return observed.kinds();
  }

  /**
   * Operations that the tokens and their evidence took beside what the model computes anyway,
   * {@link Operations}.
   */
  public double operations() {
    return observed.operations();
  }

  /** Indices of the tokens of one tile, ascending. */
  public int[] ofTile(int tile) {
    return IntStream.range(0, size()).filter(i -> positions.get(i).tile() == tile).toArray();
  }

  /** What is left after the reduction, with everything that is known of it. */
  public abstract TokenSet reduced(TokenReduction reduction);

  /** The same tokens with no other evidence than these kinds. */
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
