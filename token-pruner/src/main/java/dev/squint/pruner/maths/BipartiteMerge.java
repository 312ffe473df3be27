package dev.squint.pruner.maths;

import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Tokens that merge in rounds: every first token of the list looks for the most similar of every
 * second ones, and the r pairs most alike become one token each. The order of the list after a
 * round decides who is first or second in the next.
 */
public final class BipartiteMerge {
  private final boolean cls;
  private final boolean bySize;
  private final int tokens;
  private Matrix list;
  private float[] sizes;
  // For each of the N tokens the place in the list that it is merged into, and its weight there.
  private final int[] place;
  private final float[] weight;
  // For each place in the list the token that stands for it.
  private int[] representative;

  /**
   * @param features the tokens, [N, D]
   * @param patches how many patches each stands for
   * @param cls whether a CLS token, not given, stands at the head of the list; it is never merged
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
   * What it takes to merge n tokens to fewer, {@link Operations}: cosines between the first and the
   * second ones of each round, and the means that a further round reads.
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

  /** Merges until {@code count} tokens are left. */
  public void mergeTo(int count) {
    while (list.rows() > count) {
      round(list.rows() - count);
    }
  }

  /** One round with at most r merges; no more than half of the tokens can merge in one. */
  public void round(int r) {
    int n = list.rows();
    // The CLS token is the first of the firsts, so the patches change places.
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

  /** Puts the list together anew. */
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

  /** The tokens as they stand in the list, [N', D]. */
  public Matrix list() {
    return list;
  }

  /** How many patches each token of the list stands for, [N']. */
  public float[] sizes() {
    return sizes;
  }

  /** The tokens that are merged into one place of the list, ascending. */
  public int[] members(int at) {
    return IntStream.range(0, tokens).filter(j -> place[j] == at).toArray();
  }

  /** What a token weighs in the one that it is merged into. */
  public float weight(int token) {
    return weight[token];
  }

  /** The token that stands for a place of the list. */
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
