package dev.squint.pruner;

/**
 * The simple case of a {@link Pruner}: one score per token. The tokens with the highest scores are
 * kept; ties go to the earlier token.
 */
public interface TokenScorer<S extends TokenSet> extends Pruner<S> {

  /** Scores of the tokens, [N]; NaN ranks lowest. */
  float[] score(S tokens);

  @Override
  default TokenReduction reduce(S tokens, Budget budget) {
    return choose(score(tokens), budget);
  }

  /** Keeps the tokens with the highest scores, [N]. */
  static TokenReduction choose(float[] scores, Budget budget) {
    int n = scores.length;
    return TokenReduction.keep(n, Ranking.top(scores, budget.tokens(n)));
  }
}
