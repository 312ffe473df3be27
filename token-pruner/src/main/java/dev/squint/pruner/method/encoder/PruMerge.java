package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.ClsToken;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.ClsQueryAndKey;
import dev.squint.pruner.evidence.EncoderKeys;
import dev.squint.pruner.maths.Quantile;
import dev.squint.pruner.maths.Softmax;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Keeps the tokens whose CLS attention is an outlier and adds to each the tokens with similar keys,
 * weighted by their attention. One more token is the weighted sum of all others. The number of
 * outliers follows from the distribution of the attention. LLaVA-PruMerge and PruMerge+ (arXiv
 * 2403.15388).
 *
 * <p>{@link Variant#CODE} recomputes the attention with all heads as one; {@link Variant#PAPER},
 * the default, reads the encoder's attention, mean over heads. The sums are not normalised, as in
 * the authors' code. With a budget, the most attended tokens fill it; with {@code plus}, the
 * outliers and then evenly spaced tokens. The token for all others has the position of the last of
 * them. The authors merge before the projector; here the projected tokens are merged.
 *
 * @param variant paper or code
 * @param plus whether evenly spaced tokens are kept too
 */
public record PruMerge(Variant variant, boolean plus) implements Pruner<PatchTokens> {
  private static final ClsAttention ATTENTION = new ClsAttention(-1);
  private static final ClsQueryAndKey CLS = new ClsQueryAndKey(-1);
  private static final EncoderKeys KEYS = new EncoderKeys(-1);
  private static final int ADDED_TO_A_CENTRE = 32;

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(KEYS, variant == Variant.CODE ? CLS : ATTENTION);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    int n = tokens.size();
    if (!(budget instanceof Budget.Adaptive) && budget.tokens(n) == n) {
      return TokenReduction.keepAll(n);
    }
    float[] attention = attention(tokens);
    double ratio = outlierRatio(attention);
    PerTile.TileReducer reducer =
        (tile, indices, share) -> {
          float[] ofTile = picked(attention, indices);
          return merge(tile.evidence(KEYS).rows(), ofTile, centres(ofTile, ratio, share - 1));
        };
    if (!(budget instanceof Budget.Adaptive)) {
      return PerTile.reduce(tokens, budget.tokens(n), reducer);
    }
    int[] shares = new int[tokens.tiles().size()];
    for (int t = 0; t < shares.length; t++) {
      int[] indices = tokens.ofTile(t);
      int preferred = ownCentres(picked(attention, indices), ratio).length + 1;
      shares[t] = budget.tokens(indices.length, preferred);
    }
    return PerTile.reduce(tokens, shares, reducer);
  }

  /** The cosines of the centres, one fewer than the kept tokens, to all keys of their tile. */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    double size = tokens.evidence(KEYS).rows().cols();
    double attention =
        variant == Variant.CODE
            ? Operations.attention(1, 1, tokens.size() + tokens.tiles().size(), size)
            : Operations.columnMeans(tokens.evidence(ATTENTION).perHead().rows(), tokens.size());
    return attention
        + PerTile.operations(
            tokens,
            decision,
            (n, kept) -> Operations.unitRows(n, size) + Operations.dots(kept - 1, n, size));
  }

  private static float[] picked(float[] values, int[] indices) {
    float[] picked = new float[indices.length];
    for (int i = 0; i < picked.length; i++) {
      picked[i] = values[indices[i]];
    }
    return picked;
  }

  /** Attention to each token, [N]. */
  float[] attention(PatchTokens tokens) {
    if (variant == Variant.PAPER) {
      return tokens.evidence(ATTENTION).meanOverHeads();
    }
    ClsToken cls = tokens.evidence(CLS);
    Matrix keys = tokens.evidence(KEYS).rows();
    float[] attention = new float[tokens.size()];
    for (int t = 0; t < tokens.tiles().size(); t++) {
      int[] indices = tokens.ofTile(t);
      Matrix query = Matrix.of(cls.queries().row(t));
      float[] logits = query.timesTransposed(keys.rows(indices)).row(0);
      double scale = 1 / Math.sqrt(keys.cols());
      double own = query.timesTransposed(Matrix.of(cls.keys().row(t))).get(0, 0) * scale;
      // The CLS token itself has a share.
      double[] shares =
          Softmax.of(logits.length + 1, 1, i -> i < logits.length ? logits[i] * scale : own);
      for (int i = 0; i < indices.length; i++) {
        attention[indices[i]] = (float) shares[i];
      }
    }
    return attention;
  }

  /** Share of values above the third quartile by more than 1.5 times the interquartile range. */
  static double outlierRatio(float[] values) {
    Quantile quantile = new Quantile(values);
    double first = quantile.of(0.25);
    double third = quantile.of(0.75);
    double limit = third + 1.5 * (third - first);
    int outliers = 0;
    for (float value : values) {
      outliers += value > limit ? 1 : 0;
    }
    return (double) outliers / values.length;
  }

  /** The centres without a budget, in order. */
  int[] ownCentres(float[] attention, double ratio) {
    int n = attention.length;
    int[] outliers = Ranking.best(attention, (int) (n * ratio));
    if (!plus) {
      return outliers;
    }
    // Without outliers the authors' code divides by 0; here the first token is then the only
    // evenly spaced one.
    int stride = ratio == 0 ? n : Math.max(1, (int) (1 / ratio) / 3);
    // The last token is never reached, as in the authors' code.
    IntStream spread =
        IntStream.iterate(0, i -> i < Math.max(1, n - 1), i -> i + stride)
            .filter(i -> !contains(outliers, i));
    return IntStream.concat(IntStream.of(outliers), spread).toArray();
  }

  /** A given number of centres, in order. */
  private int[] centres(float[] attention, double ratio, int count) {
    int[] own = ownCentres(attention, ratio);
    if (own.length == count) {
      return own;
    }
    int n = attention.length;
    if (!plus) {
      return Ranking.best(attention, count);
    }
    int[] outliers = Ranking.best(attention, Math.min((int) (n * ratio), count));
    int[] rest = IntStream.range(0, n).filter(i -> !contains(outliers, i)).toArray();
    int spread = count - outliers.length;
    IntStream evenly =
        IntStream.range(0, spread).map(i -> rest[(2 * i + 1) * rest.length / (2 * spread)]);
    return IntStream.concat(IntStream.of(outliers), evenly).toArray();
  }

  /**
   * Each centre plus the weighted rows of the 32 other tokens with the most similar keys, and the
   * weighted sum of all other tokens.
   */
  private static TokenReduction merge(Matrix keys, float[] attention, int[] centres) {
    int n = attention.length;
    int[] group = new int[n];
    Arrays.fill(group, centres.length);
    for (int c = 0; c < centres.length; c++) {
      group[centres[c]] = c;
    }
    int[] others = IntStream.range(0, n).filter(i -> group[i] == centres.length).toArray();
    int[] candidates = IntStream.concat(IntStream.of(centres), IntStream.of(others)).toArray();
    Matrix unit = keys.unitRows();
    Matrix cosines = unit.rows(centres).timesTransposed(unit.rows(candidates));
    int outputs = centres.length + (others.length > 0 ? 1 : 0);
    int[][] sources = new int[outputs][];
    float[][] weights = new float[outputs][];
    for (int c = 0; c < centres.length; c++) {
      float[] likeness = cosines.row(c);
      likeness[c] = Float.NEGATIVE_INFINITY; // itself
      int added = Math.min(ADDED_TO_A_CENTRE, candidates.length - 1);
      int[] nearest = Ranking.best(likeness, added);
      sources[c] =
          IntStream.concat(IntStream.of(centres[c]), IntStream.of(nearest).map(i -> candidates[i]))
              .toArray();
      weights[c] = picked(attention, sources[c]);
      weights[c][0] = 1;
    }
    int[] representatives = Arrays.copyOf(centres, outputs);
    if (others.length > 0) {
      representatives[centres.length] = others[others.length - 1];
      sources[centres.length] = others;
      weights[centres.length] = picked(attention, others);
    }
    return TokenReduction.mix(representatives, group, sources, weights);
  }

  private static boolean contains(int[] values, int value) {
    return IntStream.of(values).anyMatch(v -> v == value);
  }
}
