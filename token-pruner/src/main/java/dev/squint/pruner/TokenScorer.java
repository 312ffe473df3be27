package dev.squint.pruner;

/**
 * The easy case of a {@link Pruner}: one score a token, the highest stay, ties go to the earlier
 * token.
 */
public interface TokenScorer<S extends TokenSet> extends Pruner<S> {

  /** Scores [N]; NaN counts as lowest. */
  float[] score(S tokens);

  @Override
  default TokenReduction reduce(S tokens, Budget budget) {
    return choose(score(tokens), budget);
  }

  /** Keeps the highest of the scores, [N]. */
  static TokenReduction choose(float[] scores, Budget budget) {
    int n = scores.length;
    return TokenReduction.keep(n, Ranking.top(scores, budget.tokens(n)));
  }
}
