package dev.squint.pruner.maths;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Merges tokens in rounds of bipartite matching. The tokens at even indices of the list are matched
 * with the most similar token at an odd index, and the r most similar pairs become one token each.
 * The order of the list after a round decides which tokens are even or odd in the next.
 */
public final class BipartiteMerge {
  private final boolean cls;
  private final boolean bySize;
  private final int tokens;
  private Matrix list;
  private float[] sizes;
  // For each of the N tokens its index in the list, and its weight there.
  private final int[] place;
  private final float[] weight;
  // For each index in the list its representative.
  private int[] representative;

  /**
   * @param features the tokens, [N, D]
   * @param patches patch count of each token
   * @param cls whether a CLS token, not in {@code features}, is at the head of the list; it is
   *     never merged
   * @param bySize whether means are weighted by patches; otherwise each round takes plain means
   */
  public BipartiteMerge(Matrix features, int[] patches, boolean cls, boolean bySize) {
    this.cls = cls;
    this.bySize = bySize;
    tokens = features.rows();
    list = features;
    sizes = new float[tokens];
    for (int i = 0; i < tokens; i++) {
      sizes[i] = patches[i];
    }
    place = IntStream.range(0, tokens).toArray();
    weight = new float[tokens];
    Arrays.fill(weight, 1);
    representative = place.clone();
  }

  /**
   * Number of {@link Operations} to merge n tokens to {@code count}: the cosines between even and
   * odd tokens in each round, and the means that another round reads.
   */
  public static double operations(int n, int count, int size, boolean cls) {
    double operations = 0;
    for (int left = n; left > count; ) {
      int first = cls ? left / 2 : (left + 1) / 2;
      int merged = Math.min(left - count, Math.min(first, left - first));
      operations += Operations.unitRows(left, size) + Operations.dots(first, left - first, size);
      left -= merged;
      operations += left > count ? 2.0 * (left + merged) * size : 0;
    }
    return operations;
  }

  /** Merges until {@code count} tokens remain. */
  public void mergeTo(int count) {
    while (list.rows() > count) {
      round(list.rows() - count);
    }
  }

  /** Runs one round with at most r merges; at most half of the tokens can merge in a round. */
  public void round(int r) {
    int n = list.rows();
    // The CLS token is at index 0, so the patches swap even and odd.
    int start = cls ? 1 : 0;
    int[] first = IntStream.range(0, n).filter(i -> i % 2 == start).toArray();
    int[] second = IntStream.range(0, n).filter(i -> i % 2 != start).toArray();
    Matrix unit = list.unitRows();
    Matrix cosines = unit.rows(first).timesTransposed(unit.rows(second));
    int[] nearest = new int[first.length];
    float[] likeness = new float[first.length];
    for (int a = 0; a < first.length; a++) {
      for (int b = 1; b < second.length; b++) {
        nearest[a] = cosines.get(a, b) > cosines.get(a, nearest[a]) ? b : nearest[a];
      }
      likeness[a] = second.length == 0 ? Float.NEGATIVE_INFINITY : cosines.get(a, nearest[a]);
    }
    int[] order = Ranking.descending(likeness);
    int merged = Math.min(r, Math.min(first.length, second.length));
    int[] unmerged = IntStream.of(order).skip(merged).toArray();
    if (cls) {
      Arrays.sort(unmerged);
    }
    int[] newPlace = new int[n];
    for (int i = 0; i < unmerged.length; i++) {
      newPlace[first[unmerged[i]]] = i;
    }
    for (int b = 0; b < second.length; b++) {
      newPlace[second[b]] = unmerged.length + b;
    }
    for (int i = 0; i < merged; i++) {
      newPlace[first[order[i]]] = newPlace[second[nearest[order[i]]]];
    }
    int[] stay =
        IntStream.concat(IntStream.of(unmerged).map(a -> first[a]), IntStream.of(second)).toArray();
    move(newPlace, stay);
  }

  /** Rebuilds the list after a round. */
  private void move(int[] newPlace, int[] stay) {
    int cols = list.cols();
    float[] totals = new float[stay.length];
    float[] newSizes = new float[stay.length];
    for (int i = 0; i < newPlace.length; i++) {
      totals[newPlace[i]] += bySize ? sizes[i] : 1;
      newSizes[newPlace[i]] += sizes[i];
    }
    float[] mixed = new float[stay.length * cols];
    float[] share = new float[newPlace.length];
    for (int i = 0; i < newPlace.length; i++) {
      share[i] = (bySize ? sizes[i] : 1) / totals[newPlace[i]];
      for (int c = 0; c < cols; c++) {
        mixed[newPlace[i] * cols + c] += share[i] * list.get(i, c);
      }
    }
    for (int j = 0; j < tokens; j++) {
      weight[j] *= share[place[j]];
      place[j] = newPlace[place[j]];
    }
    int[] old = representative;
    representative = IntStream.of(stay).map(i -> old[i]).toArray();
    list = new Matrix(stay.length, cols, mixed);
    sizes = newSizes;
  }

  /** The tokens in the order of the list, [N', D]. */
  public Matrix list() {
    return list;
  }

  /** Patch count of each token of the list, [N']. */
  public float[] sizes() {
    return sizes;
  }

  /** The tokens that are merged into one token of the list, ascending. */
  public int[] members(int at) {
    return IntStream.range(0, tokens).filter(j -> place[j] == at).toArray();
  }

  /** Weight of a token in the token that it is merged into. */
  public float weight(int token) {
    return weight[token];
  }

  /** The representative at an index of the list. */
  public int representative(int at) {
    return representative[at];
  }

  public TokenReduction reduction() {
    int[][] sources = new int[list.rows()][];
    float[][] weights = new float[list.rows()][];
    for (int i = 0; i < sources.length; i++) {
      sources[i] = members(i);
      weights[i] = new float[sources[i].length];
      for (int s = 0; s < sources[i].length; s++) {
        weights[i][s] = weight[sources[i][s]];
      }
    }
    return TokenReduction.mix(representative, place, sources, weights);
  }
}
