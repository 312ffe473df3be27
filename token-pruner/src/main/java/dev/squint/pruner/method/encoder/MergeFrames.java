package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import java.util.Arrays;

/**
 * Merges tokens at the same position that stay similar from frame to frame into their mean,
 * weighted by patches, at the position of the first. With a budget, the most similar neighbours are
 * merged until it is met. If merging is not enough, because tokens of the first frame have no
 * previous frame, tokens are dropped from the end. Our own.
 *
 * @param likeness least cosine of two neighbours that are merged without a budget
 */
public record MergeFrames(double likeness) implements Pruner<PatchTokens> {

  public MergeFrames {
    if (!(likeness >= -1 && likeness <= 1)) {
      throw new IllegalArgumentException("likeness must be in [-1, 1] but was " + likeness);
    }
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    int n = tokens.size();
    int[] before = PreviousFrame.of(tokens);
    float[] novelty = PreviousFrame.novelty(tokens, before);
    int novel = 0;
    for (float unlike : novelty) {
      novel += unlike > 1 - likeness ? 1 : 0;
    }
    int[] kept = Ranking.top(novelty, budget.tokens(n, Math.max(1, novel)));
    int[] group = new int[n];
    Arrays.fill(group, -1);
    for (int k = 0; k < kept.length; k++) {
      group[kept[k]] = k;
    }
    for (int i = 0; i < n; i++) {
      if (group[i] < 0 && before[i] >= 0) {
        group[i] = group[before[i]];
      }
    }
    return TokenReduction.merge(kept, group, tokens.patches());
  }

  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    return PreviousFrame.operations(tokens);
  }
}
