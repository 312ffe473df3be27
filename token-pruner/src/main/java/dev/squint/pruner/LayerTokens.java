package dev.squint.pruner;

import java.util.List;
import java.util.Set;

/** Hidden states of the visual tokens between two decoder layers, [N, D]. */
public final class LayerTokens extends TokenSet {

  private LayerTokens(
      Matrix hidden,
      List<Tile> tiles,
      List<TokenPosition> positions,
      int[] patches,
      EvidenceSet observed) {
    super(hidden, tiles, positions, patches, observed);
  }

  /**
   * Creates the tokens after some decoder layers.
   *
   * @param tokens the same tokens at an earlier point; supplies positions, tiles and patch counts
   * @param hidden their hidden states at this point, [N, D]
   * @param observed evidence from the decoder; evidence from the encoder is not carried over
   * @throws IllegalArgumentException when the numbers of tokens do not match
   */
  public static LayerTokens of(TokenSet tokens, Matrix hidden, EvidenceSet observed) {
    return new LayerTokens(hidden, tokens.tiles(), tokens.positions(), tokens.patches(), observed);
  }

  @Override
  public LayerTokens reduced(TokenReduction reduction) {
    return new LayerTokens(
        reduction.apply(features()),
        tiles(),
        reduction.pick(positions()),
        reduction.sum(patches()),
        observed().reduced(reduction));
  }

  @Override
  public LayerTokens showingOnly(Set<Evidence<?>> kinds) {
    return new LayerTokens(features(), tiles(), positions(), patches(), observed().only(kinds));
  }
}
