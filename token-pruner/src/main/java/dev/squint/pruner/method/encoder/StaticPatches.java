package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.PixelChange;
import java.util.Set;

/**
 * Keeps the first frame, and the tokens whose pixels changed since the previous frame. The pixels
 * are compared before the encoder runs. Our own.
 *
 * @param tolerance largest mean difference of the pixels, as a share of their range, of a static
 *     patch
 */
public record StaticPatches(double tolerance) implements Pruner<PatchTokens> {
  private static final PixelChange CHANGE = new PixelChange();

  public StaticPatches {
    if (!(tolerance >= 0 && tolerance < 1)) {
      throw new IllegalArgumentException("tolerance must be in [0, 1) but was " + tolerance);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(CHANGE);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    int n = tokens.size();
    Matrix change = tokens.evidence(CHANGE);
    float[] scores = new float[n];
    int changed = 0;
    for (int i = 0; i < n; i++) {
      scores[i] = change.get(i, 0);
      changed += scores[i] > tolerance ? 1 : 0;
    }
    return TokenReduction.keep(n, Ranking.top(scores, budget.tokens(n, Math.max(1, changed))));
  }

  /** None: the change of the pixels is counted as evidence. */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    return 0;
  }
}
