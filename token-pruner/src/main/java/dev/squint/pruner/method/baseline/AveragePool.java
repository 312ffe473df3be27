package dev.squint.pruner.method.baseline;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenSet;
import java.util.Arrays;
import java.util.List;

/** Averages neighbouring tokens of each tile so that exactly the budget remains. Baseline. */
public record AveragePool() implements Pruner<TokenSet> {

  @Override
  public TokenReduction reduce(TokenSet tokens, Budget budget) {
    List<int[]> cells = GridCells.of(tokens, budget);
    int[] representatives = new int[cells.size()];
    int[] group = new int[tokens.size()];
    Arrays.fill(group, -1);
    for (int c = 0; c < representatives.length; c++) {
      representatives[c] = GridCells.middle(tokens, cells.get(c));
      for (int i : cells.get(c)) {
        group[i] = c;
      }
    }
    return TokenReduction.merge(representatives, group, tokens.patches());
  }

  @Override
  public double operations(TokenSet tokens, Budget budget, TokenReduction decision) {
    return GridCells.operations(tokens.size());
  }
}
