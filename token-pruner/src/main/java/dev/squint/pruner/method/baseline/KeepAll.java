package dev.squint.pruner.method.baseline;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenSet;

/** Keeps every token. Baseline. */
public record KeepAll() implements Pruner<TokenSet> {

  @Override
  public TokenReduction reduce(TokenSet tokens, Budget budget) {
    if (budget.tokens(tokens.size(), tokens.size()) < tokens.size()) {
      throw new IllegalArgumentException(
          "none keeps every token and takes no budget but got %s; remove the budget"
              .formatted(budget));
    }
    return TokenReduction.keepAll(tokens.size());
  }

  @Override
  public double operations(TokenSet tokens, Budget budget, TokenReduction decision) {
    return 0;
  }
}
