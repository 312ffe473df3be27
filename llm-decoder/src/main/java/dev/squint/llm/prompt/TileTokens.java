package dev.squint.llm.prompt;

import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import java.util.List;

/**
 * A tile and what is left of its tokens.
 *
 * @param tile which crop of its picture it is, or the global view
 * @param left where the tokens lie that are left after pruning, in order
 */
public record TileTokens(Tile tile, List<TokenPosition> left) {

  public TileTokens {
    left = List.copyOf(left);
  }

  /** Number of tokens that are left, 0 or more. */
  public int tokens() {
    return left.size();
  }
}
