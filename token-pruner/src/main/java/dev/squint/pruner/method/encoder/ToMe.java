package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;

/**
 * Merges the most similar pairs of tokens of each tile, in rounds of bipartite matching, until
 * exactly the budget is left; means are weighted by patches. ToMe (arXiv 2210.09461).
 *
 * <p>The authors compare keys between attention and MLP of each encoder layer; here the tokens
 * themselves are compared where the encoder is cut. One step of a plan runs as many rounds as its
 * budget needs; a round merges at most half of the tokens.
 *
 * @param cls whether the encoder has a CLS token before the patches, which shifts the matching by
 *     one
 */
public record ToMe(boolean cls) implements Pruner<PatchTokens> {

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    return merge().reduce(tokens, budget);
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    return merge().operations(tokens, decision);
  }

  private TileMerge merge() {
    return new TileMerge(cls, true);
  }
}
