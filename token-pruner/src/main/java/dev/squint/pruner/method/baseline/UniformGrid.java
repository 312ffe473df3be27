package dev.squint.pruner.method.baseline;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenSet;

/**
 * Keeps tokens that are evenly spaced over each tile: the centre of each of equal cells. Baseline.
 */
public record UniformGrid() implements Pruner<TokenSet> {

  @Override
  public TokenReduction reduce(TokenSet tokens, Budget budget) {
    int[] kept =
        GridCells.of(tokens, budget).stream()
            .mapToInt(cell -> GridCells.middle(tokens, cell))
            .sorted()
            .toArray();
    return TokenReduction.keep(tokens.size(), kept);
  }

  @Override
  public double operations(TokenSet tokens, Budget budget, TokenReduction decision) {
    return GridCells.operations(tokens.size());
  }
}
