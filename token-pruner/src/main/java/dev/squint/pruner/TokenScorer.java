package dev.squint.pruner;

/**
 * The easy case of a {@link Pruner}: one score a token, the highest stay, ties go to the earlier
 * token.
 */
@FunctionalInterface
public interface TokenScorer<S extends TokenSet> extends Pruner<S> {

  /** Scores [N]; NaN counts as lowest. */
  float[] score(S tokens);

  @Override
  default TokenReduction reduce(S tokens, Budget budget) {
    int n = tokens.size();
    return TokenReduction.keep(n, Ranking.top(score(tokens), budget.tokens(n)));
  }
}
