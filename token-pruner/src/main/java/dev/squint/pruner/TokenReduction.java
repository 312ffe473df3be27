package dev.squint.pruner;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The reduction of N tokens: which are kept, which are merged into another, which are dropped. It
 * holds indices and weights only, and can be applied to every property of the tokens.
 *
 * <p>{@link #kept} lists the representatives of the N' new tokens, ascending. {@link #target} gives
 * for each of the N tokens the index of its new token, or -1 for a dropped one. The features of a
 * new token are the mean of its members, weighted by their patch counts, so that two merges in
 * sequence equal one combined merge ({@link #then}). Methods that combine tokens differently give
 * the weights ({@link #mix}).
 */
public final class TokenReduction {
  private final int[] kept;
  private final int[] target;
  // Null where every new token is its representative, unchanged.
  private final @Nullable Mix mix;

  private TokenReduction(int[] kept, int[] target, @Nullable Mix mix) {
    this.kept = kept;
    this.target = target;
    this.mix = mix;
  }

  /** Keeps all n tokens unchanged. */
  public static TokenReduction keepAll(int n) {
    return keep(n, IntStream.range(0, n).toArray());
  }

  /**
   * Keeps these of n tokens unchanged and drops the others.
   *
   * @throws IllegalArgumentException unless the kept indices are ascending and within [0, n)
   */
  public static TokenReduction keep(int n, int[] kept) {
    int[] target = new int[n];
    Arrays.fill(target, -1);
    checkAscending(n, kept);
    for (int i = 0; i < kept.length; i++) {
      target[kept[i]] = i;
    }
    return new TokenReduction(kept.clone(), target, null);
  }

  /**
   * Merges the tokens of each group into their mean, weighted by patches.
   *
   * @param representatives for each group the member that represents it; the new tokens are in
   *     ascending order of these
   * @param group for each of the N tokens its group, or -1 to drop it
   * @param patches patch count of each of the N tokens
   * @throws IllegalArgumentException unless each representative is a member of its group
   */
  public static TokenReduction merge(int[] representatives, int[] group, int[] patches) {
    if (patches.length != group.length) {
      throw new IllegalArgumentException(
          "there must be one patch count per token but there are %d for %d tokens"
              .formatted(patches.length, group.length));
    }
    int[] sums = new int[representatives.length];
    int[] sizes = new int[representatives.length];
    for (int j = 0; j < group.length; j++) {
      if (group[j] >= 0) {
        sums[group[j]] += patches[j];
        sizes[group[j]]++;
      }
    }
    int[][] sources = new int[sizes.length][];
    float[][] weights = new float[sizes.length][];
    for (int g = 0; g < sizes.length; g++) {
      sources[g] = new int[sizes[g]];
      weights[g] = new float[sizes[g]];
    }
    int[] filled = new int[sizes.length];
    for (int j = 0; j < group.length; j++) {
      int g = group[j];
      if (g >= 0) {
        sources[g][filled[g]] = j;
        weights[g][filled[g]++] = (float) patches[j] / sums[g];
      }
    }
    return mix(representatives, group, sources, weights);
  }

  /**
   * Merges tokens into weighted sums, for methods whose merge is not a mean.
   *
   * @param representatives for each new token the old one that represents it; the new tokens are in
   *     ascending order of these
   * @param group for each of the N tokens its new token, or -1 to drop it
   * @param sources for each new token the old ones in its sum
   * @param weights for each new token the weights of its sources
   */
  public static TokenReduction mix(
      int[] representatives, int[] group, int[][] sources, float[][] weights) {
    int k = representatives.length;
    for (int g = 0; g < k; g++) {
      if (group[representatives[g]] != g) {
        throw new IllegalArgumentException(
            "token %d represents group %d but belongs to group %d"
                .formatted(representatives[g], g, group[representatives[g]]));
      }
    }
    int[] order =
        IntStream.range(0, k)
            .boxed()
            .sorted((a, b) -> representatives[a] - representatives[b])
            .mapToInt(i -> i)
            .toArray();
    int[] rank = new int[k];
    int[] kept = new int[k];
    int[][] orderedSources = new int[k][];
    float[][] orderedWeights = new float[k][];
    boolean unmixed = true;
    for (int i = 0; i < k; i++) {
      rank[order[i]] = i;
      kept[i] = representatives[order[i]];
      orderedSources[i] = sources[order[i]].clone();
      orderedWeights[i] = weights[order[i]].clone();
      unmixed &=
          orderedSources[i].length == 1
              && orderedSources[i][0] == kept[i]
              && orderedWeights[i][0] == 1;
    }
    checkAscending(group.length, kept);
    int[] target = IntStream.of(group).map(g -> g < 0 ? -1 : rank[g]).toArray();
    return new TokenReduction(
        kept, target, unmixed ? null : new Mix(orderedSources, orderedWeights));
  }

  /**
   * Joins the reductions of parts, for example of single tiles.
   *
   * @param n total number of tokens
   * @param parts for each part the indices of its tokens, ascending; tokens in no part are dropped
   * @param reductions for each part its reduction
   */
  public static TokenReduction ofParts(int n, List<int[]> parts, List<TokenReduction> reductions) {
    int[] group = new int[n];
    Arrays.fill(group, -1);
    int k = reductions.stream().mapToInt(TokenReduction::after).sum();
    int[] representatives = new int[k];
    int[][] sources = new int[k][];
    float[][] weights = new float[k][];
    int at = 0;
    for (int p = 0; p < parts.size(); p++) {
      int[] part = parts.get(p);
      TokenReduction reduction = reductions.get(p);
      reduction.checkLength(part.length);
      for (int j = 0; j < part.length; j++) {
        group[part[j]] = reduction.target[j] < 0 ? -1 : at + reduction.target[j];
      }
      for (int i = 0; i < reduction.kept.length; i++, at++) {
        representatives[at] = part[reduction.kept[i]];
        sources[at] = IntStream.of(reduction.sources(i)).map(j -> part[j]).toArray();
        weights[at] = reduction.weights(i);
      }
    }
    return mix(representatives, group, sources, weights);
  }

  /** Number of tokens before, N. */
  public int before() {
    return target.length;
  }

  /** Number of tokens after, N'. */
  public int after() {
    return kept.length;
  }

  /** The representatives of the new tokens, [N'], ascending. */
  public int[] kept() {
    return kept.clone();
  }

  /** For each token the index of its new token, [N]; -1 for a dropped one. */
  public int[] target() {
    return target.clone();
  }

  /** Whether some new token combines several, or otherwise differs from its representative. */
  public boolean merges() {
    return mix != null;
  }

  /** Whether every token is kept unchanged. */
  public boolean isIdentity() {
    return kept.length == target.length && mix == null;
  }

  /** Applies the reduction to rows of tokens, [N, D] to [N', D]. */
  public Matrix apply(Matrix rows) {
    checkLength(rows.rows());
    if (mix == null) {
      return isIdentity() ? rows : rows.rows(kept);
    }
    int cols = rows.cols();
    float[] mixed = new float[kept.length * cols];
    for (int i = 0; i < kept.length; i++) {
      for (int s = 0; s < mix.sources[i].length; s++) {
        addScaled(mixed, i * cols, mix.weights[i][s], rows.data(), mix.sources[i][s] * cols, cols);
      }
    }
    return new Matrix(kept.length, cols, mixed);
  }

  /** Number of {@link Operations} of {@link #apply} for rows of this width; copying is free. */
  public double operations(int cols) {
    double terms = 0;
    for (int i = 0; mix != null && i < kept.length; i++) {
      boolean copied = mix.sources[i].length == 1 && mix.weights[i][0] == 1;
      terms += copied ? 0 : mix.sources[i].length;
    }
    return 2 * terms * cols;
  }

  /**
   * Applies the reduction to columns and sums those of merged tokens, as for attention: [H, N] to
   * [H, N'].
   */
  public Matrix sumColumns(Matrix perHead) {
    checkLength(perHead.cols());
    if (mix == null) {
      return perHead.columns(kept);
    }
    float[] sums = new float[perHead.rows() * kept.length];
    for (int h = 0; h < perHead.rows(); h++) {
      for (int j = 0; j < target.length; j++) {
        if (target[j] >= 0) {
          sums[h * kept.length + target[j]] += perHead.get(h, j);
        }
      }
    }
    return new Matrix(perHead.rows(), kept.length, sums);
  }

  /**
   * Applies the reduction to columns with the weights of the features, as for logits: [H, N] to [H,
   * N'].
   */
  public Matrix applyColumns(Matrix perHead) {
    checkLength(perHead.cols());
    if (mix == null) {
      return perHead.columns(kept);
    }
    float[] mixed = new float[perHead.rows() * kept.length];
    for (int h = 0; h < perHead.rows(); h++) {
      for (int i = 0; i < kept.length; i++) {
        for (int s = 0; s < mix.sources[i].length; s++) {
          mixed[h * kept.length + i] += mix.weights[i][s] * perHead.get(h, mix.sources[i][s]);
        }
      }
    }
    return new Matrix(perHead.rows(), kept.length, mixed);
  }

  /** Sums the patch counts of each new token's members, [N] to [N']. */
  public int[] sum(int[] patches) {
    checkLength(patches.length);
    int[] sums = new int[kept.length];
    for (int j = 0; j < target.length; j++) {
      if (target[j] >= 0) {
        sums[target[j]] += patches[j];
      }
    }
    return sums;
  }

  /** The values of the representatives, [N] to [N']. */
  public <T> List<T> pick(List<T> values) {
    checkLength(values.size());
    return IntStream.of(kept).mapToObj(values::get).toList();
  }

  /** This reduction followed by another of the remaining tokens, as one reduction. */
  public TokenReduction then(TokenReduction next) {
    next.checkLength(after());
    int[] keptOfBoth = IntStream.of(next.kept).map(i -> kept[i]).toArray();
    int[] targetOfBoth = IntStream.of(target).map(i -> i < 0 ? -1 : next.target[i]).toArray();
    if (mix == null && next.mix == null) {
      return new TokenReduction(keptOfBoth, targetOfBoth, null);
    }
    int[][] sources = new int[keptOfBoth.length][];
    float[][] weights = new float[keptOfBoth.length][];
    double[] row = new double[before()];
    for (int i = 0; i < keptOfBoth.length; i++) {
      Arrays.fill(row, 0);
      int[] middles = next.sources(i);
      float[] outer = next.weights(i);
      for (int m = 0; m < middles.length; m++) {
        int[] inner = sources(middles[m]);
        float[] innerWeights = weights(middles[m]);
        for (int s = 0; s < inner.length; s++) {
          row[inner[s]] += (double) outer[m] * innerWeights[s];
        }
      }
      sources[i] = IntStream.range(0, row.length).filter(j -> row[j] != 0).toArray();
      weights[i] = new float[sources[i].length];
      for (int s = 0; s < sources[i].length; s++) {
        weights[i][s] = (float) row[sources[i][s]];
      }
    }
    return new TokenReduction(keptOfBoth, targetOfBoth, new Mix(sources, weights));
  }

  private int[] sources(int i) {
    return mix == null ? new int[] {kept[i]} : mix.sources[i];
  }

  private float[] weights(int i) {
    return mix == null ? new float[] {1} : mix.weights[i];
  }

  private static void addScaled(
      float[] to, int at, float weight, float[] from, int start, int length) {
    for (int c = 0; c < length; c++) {
      to[at + c] += weight * from[start + c];
    }
  }

  private void checkLength(int length) {
    if (length != target.length) {
      throw new IllegalArgumentException(
          "a reduction of %d tokens cannot be applied to %d".formatted(target.length, length));
    }
  }

  private static void checkAscending(int n, int[] kept) {
    int last = -1;
    for (int index : kept) {
      if (index <= last || index >= n) {
        throw new IllegalArgumentException(
            "kept indices must ascend within [0, %d) but were %s"
                .formatted(n, Arrays.toString(kept)));
      }
      last = index;
    }
  }

  @Override
  public String toString() {
    return "TokenReduction[%d -> %d%s]".formatted(before(), after(), merges() ? ", merging" : "");
  }

  /** For each new token the old ones in its sum, and their weights. */
  private static final class Mix {
    final int[][] sources;
    final float[][] weights;

    Mix(int[][] sources, float[][] weights) {
      this.sources = sources;
      this.weights = weights;
    }
  }
}
