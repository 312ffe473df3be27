package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Budget;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.TokenReduction;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Reduces every tile separately, each to a share of the budget in proportion to its tokens. */
final class PerTile {
  private PerTile() {}

  /** Reduces the tokens of one tile; {@code indices} are their indices among all tokens. */
  interface TileReducer {
    TokenReduction reduce(PatchTokens tile, int[] indices, int share);
  }

  /** Chooses tokens of one tile, [share], in any order. */
  interface TileChoice {
    int[] choose(PatchTokens tile, int share);
  }

  /** Number of operations to reduce one tile. */
  interface TileOperations {
    double of(int tokens, int kept);
  }

  /** The operations of all tiles that lose some of their tokens but not all. */
  static double operations(PatchTokens tokens, TokenReduction decision, TileOperations tile) {
    int[] kept = new int[tokens.tiles().size()];
    for (int i : decision.kept()) {
      kept[tokens.positions().get(i).tile()]++;
    }
    double operations = 0;
    for (int t = 0; t < kept.length; t++) {
      int before = tokens.ofTile(t).length;
      operations += kept[t] == 0 || kept[t] == before ? 0 : tile.of(before, kept[t]);
    }
    return operations;
  }

  /** Keeps the tokens that are chosen in each tile. */
  static TokenReduction keep(PatchTokens tokens, Budget budget, TileChoice choice) {
    return reduce(
        tokens,
        budget.tokens(tokens.size()),
        (tile, indices, share) ->
            TokenReduction.keep(
                tile.size(), IntStream.of(choice.choose(tile, share)).sorted().toArray()));
  }

  static TokenReduction reduce(PatchTokens tokens, int total, TileReducer reducer) {
    int[] sizes =
        IntStream.range(0, tokens.tiles().size()).map(t -> tokens.ofTile(t).length).toArray();
    return reduce(tokens, Apportionment.even(total, sizes), reducer);
  }

  /** Reduces every tile to the given share. */
  static TokenReduction reduce(PatchTokens tokens, int[] shares, TileReducer reducer) {
    List<int[]> parts = new ArrayList<>();
    List<TokenReduction> reductions = new ArrayList<>();
    for (int t = 0; t < shares.length; t++) {
      int[] indices = tokens.ofTile(t);
      parts.add(indices);
      reductions.add(
          shares[t] == 0
              ? TokenReduction.keep(indices.length, new int[0])
              : shares[t] == indices.length
                  ? TokenReduction.keepAll(indices.length)
                  : reducer.reduce(tokens.tile(t), indices, shares[t]));
    }
    return TokenReduction.ofParts(tokens.size(), parts, reductions);
  }
}
