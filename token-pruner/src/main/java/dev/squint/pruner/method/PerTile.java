package dev.squint.pruner.method;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenReduction;
import java.util.ArrayList;
import java.util.List;

/** Reduces every tile by itself, each to its share of the budget by the tokens that it has. */
final class PerTile {
  private PerTile() {}

  /** What becomes of the tokens of one tile; {@code indices} are theirs among all tokens. */
  interface TileReducer {
    TokenReduction reduce(PatchTokens tile, int[] indices, int share);
  }

  static TokenReduction reduce(PatchTokens tokens, int total, TileReducer reducer) {
    int tiles = tokens.tiles().size();
    if (total == tokens.size()) {
      return TokenReduction.keepAll(total);
    }
    List<int[]> parts = new ArrayList<>();
    int[] sizes = new int[tiles];
    for (int t = 0; t < tiles; t++) {
      parts.add(tokens.ofTile(t));
      sizes[t] = parts.get(t).length;
    }
    int[] shares = Apportionment.even(total, sizes);
    List<TokenReduction> reductions = new ArrayList<>();
    for (int t = 0; t < tiles; t++) {
      reductions.add(
          shares[t] == 0
              ? TokenReduction.keep(sizes[t], new int[0])
              : shares[t] == sizes[t]
                  ? TokenReduction.keepAll(sizes[t])
                  : reducer.reduce(tokens.tile(t), parts.get(t), shares[t]));
    }
    return TokenReduction.ofParts(tokens.size(), parts, reductions);
  }
}
