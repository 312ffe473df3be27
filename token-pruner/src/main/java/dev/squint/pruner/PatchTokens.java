package dev.squint.pruner;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Visual tokens after the encoder and its projector, [N, D], as the prompt receives them. At a
 * point inside the encoder these are the hidden states of the patches.
 */
public final class PatchTokens extends TokenSet {

  private PatchTokens(
      Matrix features,
      List<Tile> tiles,
      List<TokenPosition> positions,
      int[] patches,
      EvidenceSet observed) {
    super(features, tiles, positions, patches, observed);
  }

  /**
   * All tokens of the tiles as the encoder returns them: tile by tile in the order of the prompt,
   * each tile row by row.
   *
   * @param tiles the tiles of the request
   * @param features [N, D], N the tokens of all tiles together
   * @throws IllegalArgumentException when the numbers of tokens do not match
   */
  public static PatchTokens encoded(List<Tile> tiles, Matrix features, EvidenceSet observed) {
    int expected = tiles.stream().mapToInt(Tile::tokens).sum();
    if (features.rows() != expected) {
      throw new IllegalArgumentException(
          "%d tiles have %d tokens but the encoder returned %d"
              .formatted(tiles.size(), expected, features.rows()));
    }
    List<TokenPosition> positions = new ArrayList<>(expected);
    for (int t = 0; t < tiles.size(); t++) {
      Tile tile = tiles.get(t);
      for (int row = 0; row < tile.rows(); row++) {
        for (int col = 0; col < tile.cols(); col++) {
          positions.add(new TokenPosition(tile.frame(), t, row, col));
        }
      }
    }
    int[] patches = new int[expected];
    Arrays.fill(patches, 1);
    return new PatchTokens(features, tiles, positions, patches, observed);
  }

  /**
   * Some tokens of the tiles, where groups of patches were left out.
   *
   * @param tiles the tiles of the request
   * @param positions of the tokens, [N], in the order of the prompt
   * @param features [N, D]
   */
  public static PatchTokens encoded(
      List<Tile> tiles, List<TokenPosition> positions, Matrix features, EvidenceSet observed) {
    int[] patches = new int[positions.size()];
    Arrays.fill(patches, 1);
    return encoded(tiles, positions, patches, features, observed);
  }

  /**
   * Tokens that may be merged, as an encoder or a store of its output returns them.
   *
   * @param tiles the tiles of the request
   * @param positions of the tokens, [N], in the order of the prompt
   * @param patches number of the encoder's tokens that each represents, [N]
   * @param features [N, D]
   */
  public static PatchTokens encoded(
      List<Tile> tiles,
      List<TokenPosition> positions,
      int[] patches,
      Matrix features,
      EvidenceSet observed) {
    return new PatchTokens(features, tiles, positions, patches, observed);
  }

  /**
   * One of several tiles that were encoded together.
   *
   * @param tokens the tokens of all these tiles
   * @param tile index of the tile among them
   * @param place index of the tile among all tiles of the request
   */
  public record EncodedTile(PatchTokens tokens, int tile, int place) {}

  /**
   * Joins the tokens of tiles that were encoded separately. Tiles that were not encoded are listed
   * but have no tokens.
   *
   * @param tiles all tiles of the request, in the order of the prompt
   * @param encoded the encoded tiles, by ascending place; at least one
   * @throws IllegalArgumentException when a tile has a different grid than when it was encoded
   * @throws IllegalStateException when a tile lacks evidence that another one has
   */
  public static PatchTokens together(List<Tile> tiles, List<EncodedTile> encoded) {
    List<Matrix> features = new ArrayList<>();
    List<TokenPosition> positions = new ArrayList<>();
    List<Integer> patches = new ArrayList<>();
    for (EncodedTile part : encoded) {
      Tile tile = tiles.get(part.place());
      Tile source = part.tokens().tiles().get(part.tile());
      if (tile.rows() != source.rows() || tile.cols() != source.cols()) {
        throw new IllegalArgumentException(
            "%s has a different grid than when it was encoded, %s".formatted(tile, source));
      }
      int[] tokens = part.tokens().ofTile(part.tile());
      int[] sizes = part.tokens().patches();
      features.add(part.tokens().features().rows(tokens));
      for (int token : tokens) {
        TokenPosition old = part.tokens().positions().get(token);
        positions.add(new TokenPosition(tile.frame(), part.place(), old.row(), old.col()));
        patches.add(sizes[token]);
      }
    }
    return new PatchTokens(
        Matrix.stacked(features),
        tiles,
        positions,
        patches.stream().mapToInt(i -> i).toArray(),
        EvidenceSet.together(encoded, tiles.size()));
  }

  /**
   * The same tokens, with the same positions and patch counts, but the features [N, D'] and the
   * evidence of a later part of the encoder.
   */
  public PatchTokens holding(Matrix features, EvidenceSet observed) {
    return new PatchTokens(features, tiles(), positions(), patches(), observed);
  }

  /** The same tokens with one more piece of evidence, such as the question's embeddings. */
  public <V> PatchTokens with(Evidence<V> kind, V value) {
    return with(kind, value, 0);
  }

  /**
   * The same tokens with one more piece of evidence.
   *
   * @param operations {@link Operations} that it took
   */
  public <V> PatchTokens with(Evidence<V> kind, V value, double operations) {
    return new PatchTokens(
        features(), tiles(), positions(), patches(), observed().with(kind, value, operations));
  }

  /** The same tokens, where a kind of evidence that they have takes no {@link Operations}. */
  public <V> PatchTokens withoutCost(Evidence<V> kind) {
    return with(kind, evidence(kind));
  }

  /** The tokens of one tile with all their properties and evidence; all tiles remain listed. */
  public PatchTokens tile(int tile) {
    return reduced(TokenReduction.keep(size(), ofTile(tile)));
  }

  /** The same tokens in the order of the prompt: tile by tile, each tile row by row. */
  public PatchTokens inReadingOrder() {
    int[] order =
        IntStream.range(0, size())
            .boxed()
            .sorted(
                Comparator.comparing(
                    i -> positions().get(i),
                    Comparator.comparing(TokenPosition::tile)
                        .thenComparing(TokenPosition::row)
                        .thenComparing(TokenPosition::col)))
            .mapToInt(Integer::intValue)
            .toArray();
    if (IntStream.range(0, order.length).allMatch(i -> order[i] == i)) {
      return this;
    }
    int[] sizes = patches();
    return new PatchTokens(
        features().rows(order),
        tiles(),
        IntStream.of(order).mapToObj(positions()::get).toList(),
        IntStream.of(order).map(i -> sizes[i]).toArray(),
        observed().ordered(order, positions(), tiles().size()));
  }

  /**
   * Size of the features and of the evidence in bytes, as the encoder returned them.
   *
   * @throws IllegalStateException if there is evidence that does not come from the encoder
   */
  public long bytes() {
    return features().bytes() + observed().bytes();
  }

  @Override
  public PatchTokens reduced(TokenReduction reduction) {
    return new PatchTokens(
        reduction.apply(features()),
        tiles(),
        reduction.pick(positions()),
        reduction.sum(patches()),
        observed().reduced(reduction));
  }

  @Override
  public PatchTokens showingOnly(Set<Evidence<?>> kinds) {
    return new PatchTokens(features(), tiles(), positions(), patches(), observed().only(kinds));
  }
}
