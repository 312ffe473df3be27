package dev.squint.pruner.method.decoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.LastQueryAttention;
import dev.squint.pruner.maths.Quantile;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keeps the global view and those tokens of the crops that the last prompt token attends to most.
 * Attention is normalised over the crops in each head. The selection of LRS-VQA (arXiv 2503.07588);
 * the authors train a copy of early decoder layers for it, here the decoder's own attention is
 * used.
 *
 * <p>Without a budget it keeps the tokens above a threshold, on a scale where 0 and 1 are the 5th
 * and 95th percentile. A budget includes the global view, which is kept first. The tokens of a
 * picture without crops compete like those of a crop.
 *
 * @param threshold threshold without a budget
 */
public record Lrs(double threshold) implements Pruner<LayerTokens> {
  private static final LastQueryAttention ATTENTION = new LastQueryAttention();

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(ATTENTION);
  }

  @Override
  public TokenReduction reduce(LayerTokens tokens, Budget budget) {
    int n = tokens.size();
    int[] local = IntStream.range(0, n).filter(i -> isLocal(tokens, i)).toArray();
    float[] ofLocal = shares(tokens.evidence(ATTENTION).perHead().columns(local)).columnMeans();
    float[] scores = new float[n];
    Arrays.fill(scores, Float.POSITIVE_INFINITY);
    for (int i = 0; i < local.length; i++) {
      scores[local[i]] = ofLocal[i];
    }
    int preferred = Math.max(1, n - local.length + aboveThreshold(ofLocal).length);
    return TokenReduction.keep(n, Ranking.top(scores, budget.tokens(n, preferred)));
  }

  /** Normalised attention to the crops in each head, and its means. */
  @Override
  public double operations(LayerTokens tokens, Budget budget, TokenReduction decision) {
    double local = IntStream.range(0, tokens.size()).filter(i -> isLocal(tokens, i)).count();
    int heads = tokens.evidence(ATTENTION).perHead().rows();
    return 2 * heads * local + Operations.columnMeans(heads, local);
  }

  private static boolean isLocal(LayerTokens tokens, int i) {
    int tile = tokens.positions().get(i).tile();
    int frame = tokens.tiles().get(tile).frame();
    boolean hasCrops =
        tokens.tiles().stream().anyMatch(other -> other.frame() == frame && !other.isGlobal());
    return !hasCrops || !tokens.tiles().get(tile).isGlobal();
  }

  /** Every row divided by its sum, which equals the softmax over these tokens only, [H, N]. */
  public static Matrix shares(Matrix perHead) {
    float[] shares = perHead.data().clone();
    int n = perHead.cols();
    for (int h = 0; h < perHead.rows(); h++) {
      double sum = 0;
      for (int i = h * n; i < (h + 1) * n; i++) {
        sum += shares[i];
      }
      for (int i = h * n; i < (h + 1) * n; i++) {
        shares[i] = sum > 0 ? (float) (shares[i] / sum) : 0;
      }
    }
    return new Matrix(perHead.rows(), n, shares);
  }

  /**
   * The tokens above the threshold between the 5th and 95th percentile, ascending; none when those
   * are equal.
   */
  int[] aboveThreshold(float[] scores) {
    if (scores.length == 0) {
      return new int[0];
    }
    Quantile quantile = new Quantile(scores);
    double low = quantile.of(0.05);
    double high = quantile.of(0.95);
    return IntStream.range(0, scores.length)
        .filter(i -> (scores[i] - low) / (high - low) > threshold)
        .toArray();
  }
}
