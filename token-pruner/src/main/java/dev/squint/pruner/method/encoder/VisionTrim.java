package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.EncoderHidden;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.pruner.evidence.ReceivedAttention;
import dev.squint.pruner.maths.Softmax;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Keeps the dominant tokens of each tile, and merges the others into the few of them that are most
 * like the question. VisionTrim (arXiv 2601.22674).
 *
 * <p>{@link Variant#PAPER}, the default, is what the paper's abstract and the functions of the
 * authors' code describe: a token is dominant by its CLS attention and by its {@link LocalAffinity}
 * together, where the one with the smaller variance counts more. {@link Variant#CODE} is what that
 * code then does instead: CLS attention and the attention received from all patches, both of length
 * 1, half each. Both merge alike ({@link WordMerge}); {@code PAPER} divides the sum by its weights,
 * {@code CODE} does not, which makes a merged token several times as long.
 *
 * <p>The authors compare with the words of CLIP's text tower and merge before the projector. Here
 * the words are those of the language model's embedding space, and the projected tokens merge.
 *
 * @param variant paper or code
 * @param complement part of the budget that goes to merged tokens; 16 of 64 in the authors' code
 * @param rounds how often the others join a target; 3 in the authors' code
 */
public record VisionTrim(Variant variant, double complement, int rounds)
    implements Pruner<PatchTokens> {
  private static final ClsAttention CLS = new ClsAttention(-1);
  private static final ReceivedAttention RECEIVED = new ReceivedAttention(1);
  private static final EncoderHidden HIDDEN = new EncoderHidden(-1);
  private static final QuestionEmbeddings QUESTION = new QuestionEmbeddings();

  public VisionTrim {
    if (!(complement >= 0 && complement <= 1)) {
      throw new IllegalArgumentException("complement must be in [0, 1] but was " + complement);
    }
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds must be at least 1 but was " + rounds);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return variant == Variant.PAPER
        ? Set.of(CLS, HIDDEN, QUESTION)
        : Set.of(CLS, RECEIVED, QUESTION);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    Matrix words = tokens.evidence(QUESTION).unitRows();
    return PerTile.reduce(
        tokens,
        budget.tokens(tokens.size()),
        (tile, indices, share) ->
            trimmed(tile, importance(tile, gridOf(tokens, indices)), words, share));
  }

  private static Tile gridOf(PatchTokens tokens, int[] indices) {
    return tokens.tiles().get(tokens.positions().get(indices[0]).tile());
  }

  private TokenReduction trimmed(PatchTokens tile, float[] importance, Matrix words, int share) {
    int n = tile.size();
    int merged = mergedOf(share);
    int[] dominant = Ranking.top(importance, share - merged);
    if (merged == 0) {
      return TokenReduction.keep(n, dominant);
    }
    int[] group = new int[n];
    Arrays.fill(group, -1);
    IntStream.range(0, dominant.length).forEach(i -> group[dominant[i]] = i);
    int[] rest = IntStream.range(0, n).filter(i -> group[i] < 0).toArray();
    float[] likeness = words.timesTransposed(tile.features().rows(rest).unitRows()).columnMeans();
    int[] targets = IntStream.of(Ranking.top(likeness, merged)).map(i -> rest[i]).toArray();
    IntStream.range(0, merged).forEach(m -> group[targets[m]] = dominant.length + m);
    int[] others = IntStream.of(rest).filter(i -> group[i] < 0).toArray();
    WordMerge merge = new WordMerge(tile.features(), words, targets, others);
    merge.run(rounds);
    int[] joined = merge.joined();
    for (int i = 0; i < others.length; i++) {
      group[others[i]] = dominant.length + joined[i];
    }
    return mixed(dominant, targets, group, merge.weights());
  }

  private TokenReduction mixed(int[] dominant, int[] targets, int[] group, double[][] weights) {
    int[] representatives =
        IntStream.concat(IntStream.of(dominant), IntStream.of(targets)).toArray();
    int[][] sources = new int[representatives.length][];
    float[][] shares = new float[representatives.length][];
    for (int i = 0; i < dominant.length; i++) {
      sources[i] = new int[] {dominant[i]};
      shares[i] = new float[] {1};
    }
    for (int m = 0; m < targets.length; m++) {
      double[] own = weights[m];
      double whole = variant == Variant.PAPER ? DoubleStream.of(own).sum() : 1;
      int at = dominant.length + m;
      sources[at] = IntStream.range(0, own.length).filter(i -> own[i] != 0).toArray();
      shares[at] = new float[sources[at].length];
      for (int s = 0; s < shares[at].length; s++) {
        shares[at][s] = (float) (own[sources[at][s]] / whole);
      }
    }
    return TokenReduction.mix(representatives, group, sources, shares);
  }

  private int mergedOf(int share) {
    return (int) Math.rint(share * complement);
  }

  /** How dominant each token of a tile is, [n]. */
  private float[] importance(PatchTokens tile, Tile grid) {
    float[] cls = tile.evidence(CLS).meanOverHeads();
    return variant == Variant.CODE
        ? bothAttentions(cls, tile.evidence(RECEIVED).meanOverHeads())
        : combined(cls, LocalAffinity.of(tile.evidence(HIDDEN), tile.positions(), grid));
  }

  private static float[] bothAttentions(float[] cls, float[] received) {
    float[] sums = new float[cls.length];
    float[] one = Matrix.of(cls).unitRows().data();
    float[] other = Matrix.of(received).unitRows().data();
    for (int i = 0; i < sums.length; i++) {
      sums[i] = (one[i] + other[i]) / 2;
    }
    return sums;
  }

  /** The softmax of both, affinity twice, each weighted by the other's variance. */
  private static float[] combined(float[] cls, double[] affinity) {
    int n = cls.length;
    double[] shares = Softmax.of(n, 1, i -> affinity[i]);
    double[] local = Softmax.of(n, 1, i -> shares[i]);
    double[] global = Softmax.of(n, 1, i -> cls[i]);
    double ofGlobal = LocalAffinity.variance(global);
    double ofLocal = LocalAffinity.variance(local);
    double weight = ofGlobal + ofLocal == 0 ? 0 : ofLocal / (ofGlobal + ofLocal);
    float[] sums = new float[n];
    for (int i = 0; i < n; i++) {
      sums[i] = (float) (weight * global[i] + (1 - weight) * local[i]);
    }
    return sums;
  }

  /**
   * Importance of each token; of the others the cosines to the words, and those of each round.
   *
   * <p>Of the importance by affinity that are the two softmaxes of it and the one of attention, two
   * variances of 5 operations a number and 3 operations a token for the sum.
   */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    int heads = tokens.evidence(CLS).perHead().rows();
    int size = tokens.features().cols();
    int words = tokens.evidence(QUESTION).rows();
    double ofTiles =
        PerTile.operations(
            tokens,
            decision,
            (n, kept) -> {
              int merged = mergedOf(kept);
              int rest = n - kept + merged;
              double likeness =
                  Operations.unitRows(rest, size)
                      + Operations.dots(words, rest, size)
                      + Operations.columnMeans(words, rest)
                      + WordMerge.operations(merged, n - kept, words, size, rounds);
              return importanceOperations(tokens, heads, n) + (merged == 0 ? 0 : likeness);
            });
    return ofTiles + (ofTiles == 0 ? 0 : Operations.unitRows(words, size));
  }

  private double importanceOperations(PatchTokens tokens, int heads, int n) {
    double attention = Operations.columnMeans(heads, n);
    return variant == Variant.CODE
        ? 2 * attention + 2 * Operations.unitRows(1, n) + 2 * n
        : attention
            + LocalAffinity.operations(n, tokens.evidence(HIDDEN).cols())
            + Operations.softmax(3, n)
            + 13.0 * n;
  }
}
