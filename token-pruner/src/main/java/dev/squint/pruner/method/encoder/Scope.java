package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.EncoderHidden;
import java.util.Set;

/**
 * Keeps in each tile the tokens that together cover the tile best. A token covers another one by
 * the cosine of their hidden states. One token after the other is kept: the one that adds most to
 * the coverage of all tokens, times its CLS attention. SCOPE (arXiv 2510.24214).
 *
 * @param alpha power of the CLS attention; 0 leaves it out
 */
public record Scope(double alpha) implements Pruner<PatchTokens> {
  private static final ClsAttention ATTENTION = new ClsAttention(-1);
  private static final EncoderHidden HIDDEN = new EncoderHidden(-1);

  public Scope {
    if (!(alpha >= 0)) {
      throw new IllegalArgumentException("alpha must be at least 0 but was " + alpha);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(ATTENTION, HIDDEN);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    return PerTile.keep(tokens, budget, this::order);
  }

  /** For each token that is kept, and each that could be, what it adds to the coverage of all. */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    double heads = tokens.evidence(ATTENTION).perHead().rows();
    double size = tokens.evidence(HIDDEN).cols();
    return PerTile.operations(
        tokens,
        decision,
        (n, kept) -> {
          double tried = (double) kept * n - kept * (kept - 1) / 2.0;
          return heads * n
              + (alpha == 1 ? 0 : n)
              + Operations.unitRows(n, size)
              + Operations.pairs(n, size)
              + tried * (2.0 * n + 1);
        });
  }

  /** The kept tokens of a tile in the order in which they are chosen, [count]. */
  int[] order(PatchTokens tile, int count) {
    Matrix cosines = tile.evidence(HIDDEN).unitRows().timesOwnTransposed();
    float[] saliency = tile.evidence(ATTENTION).perHead().columnSums();
    int n = tile.size();
    float[] covered = new float[n];
    boolean[] chosen = new boolean[n];
    int[] order = new int[count];
    for (int k = 0; k < count; k++) {
      int best = -1;
      double most = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < n; j++) {
        double gain = chosen[j] ? Double.NEGATIVE_INFINITY : gain(cosines, covered, saliency[j], j);
        if (best < 0 || gain > most) {
          best = j;
          most = gain;
        }
      }
      chosen[best] = true;
      order[k] = best;
      for (int i = 0; i < n; i++) {
        covered[i] = Math.max(covered[i], cosines.get(best, i));
      }
    }
    return order;
  }

  private double gain(Matrix cosines, float[] covered, float saliency, int j) {
    double gain = 0;
    for (int i = 0; i < covered.length; i++) {
      gain += Math.max(0, cosines.get(j, i) - covered[i]);
    }
    return gain * Math.pow(saliency, alpha);
  }
}
