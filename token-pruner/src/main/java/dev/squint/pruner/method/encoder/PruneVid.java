package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Budget;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.maths.DensityPeaks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Cuts a clip into scenes, merges the tokens of a scene that do not change into one for all frames,
 * and clusters these and the others of each frame. PruneVid's merging stage (arXiv 2412.16117). Its
 * second stage, between decoder layers, is not part of it.
 *
 * <p>Bounds of a budget, where they are narrower than what comes out, are divided among these
 * groups in proportion to their tokens.
 *
 * @param similarity mean cosine of a place's tokens above which it does not change
 * @param scenes number of clusters of frames, as a share of the frames
 * @param clusters share of a group that clustering leaves; groups of 14 or fewer are left whole
 */
public record PruneVid(double similarity, double scenes, double clusters)
    implements Pruner<PatchTokens> {
  private static final int NEIGHBOURS = 7;
  private static final int SMALL = 2 * NEIGHBOURS;

  public PruneVid {
    if (!(scenes > 0 && scenes <= 1 && clusters > 0 && clusters <= 1)) {
      throw new IllegalArgumentException(
          "scenes and clusters must be in (0, 1] but were %s and %s".formatted(scenes, clusters));
    }
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    List<List<int[]>> groups = groups(tokens);
    int[] counts = counts(groups, budget, tokens.size());
    MixedTokens result = new MixedTokens(tokens.size());
    for (int g = 0; g < counts.length; g++) {
      result.addClusters(tokens.features(), groups.get(g), counts[g], NEIGHBOURS, Double.NaN);
    }
    return result.build();
  }

  private int[] counts(List<List<int[]>> groups, Budget budget, int n) {
    int[] sizes = groups.stream().mapToInt(List::size).toArray();
    int[] own =
        IntStream.of(sizes)
            .map(size -> size > SMALL ? Math.max(1, (int) (size * clusters)) : size)
            .toArray();
    int preferred = IntStream.of(own).sum();
    int total = Math.min(budget.tokens(n, preferred), IntStream.of(sizes).sum());
    return total == preferred ? own : Apportionment.even(total, sizes);
  }

  /** For each scene the places that do not change, then what is left of each frame. */
  private List<List<int[]>> groups(PatchTokens tokens) {
    Places places = Places.of(tokens);
    Matrix unit = tokens.features().unitRows();
    List<List<int[]>> groups = new ArrayList<>();
    int first = 0;
    for (int length : sceneLengths(tokens.features(), places)) {
      int last = first + length - 1;
      boolean[] taken = new boolean[tokens.size()];
      if (length > 1) {
        List<int[]> still =
            places.through(first, last).stream()
                .filter(place -> meanCosine(unit, place) > similarity)
                .toList();
        still.forEach(place -> IntStream.of(place).forEach(token -> taken[token] = true));
        groups.add(still);
      }
      for (int f = first; f <= last; f++) {
        groups.add(
            IntStream.of(places.without(f, taken)).mapToObj(token -> new int[] {token}).toList());
      }
      first = last + 1;
    }
    return groups;
  }

  /** Mean over all pairs of different tokens: the square of their sum without those of each. */
  private static double meanCosine(Matrix unit, int[] place) {
    double square = 0;
    for (int c = 0; c < unit.cols(); c++) {
      double sum = 0;
      for (int token : place) {
        sum += unit.get(token, c);
      }
      square += sum * sum;
    }
    return (square - place.length) / (place.length * (place.length - 1.0));
  }

  /** Number of frames of each scene. */
  int[] sceneLengths(PatchTokens tokens) {
    return sceneLengths(tokens.features(), Places.of(tokens));
  }

  private int[] sceneLengths(Matrix features, Places places) {
    return lengths(refined(labels(features, places.frames())));
  }

  /** The cluster of each frame, by the means of their tokens, [F]. */
  private int[] labels(Matrix features, List<int[]> frames) {
    int count = Math.max(1, (int) (frames.size() * scenes));
    return DensityPeaks.of(
            Places.means(features, frames), count, Math.min(NEIGHBOURS, frames.size()))
        .cluster();
  }

  /**
   * Makes clusters of frames contiguous. The longest runs of a cluster stay, unless they are single
   * frames. Other runs join the longer of the runs beside them, the one before if they are equal.
   */
  static int[] refined(int[] labels) {
    int[] longest = new int[labels.length];
    int at = 0;
    for (int length : lengths(labels)) {
      longest[labels[at]] = Math.max(longest[labels[at]], length);
      at += length;
    }
    int[] refined = labels.clone();
    at = 0;
    for (int length : lengths(labels)) {
      if (length == 1 || length < longest[labels[at]]) {
        Arrays.fill(refined, at, at + length, -1);
      }
      at += length;
    }
    at = 0;
    // Runs before are joined already; runs after that are to be joined lie in the same run of -1.
    for (int length : lengths(refined)) {
      if (refined[at] < 0) {
        int before = run(refined, at - 1, -1);
        int after = run(refined, at + length, 1);
        int joined =
            before == 0 && after == 0
                ? 0
                : before >= after ? refined[at - 1] : refined[at + length];
        Arrays.fill(refined, at, at + length, joined);
      }
      at += length;
    }
    return refined;
  }

  /** Number of equal labels from an index on, in a direction; 0 outside. */
  private static int run(int[] labels, int from, int step) {
    int at = from;
    while (at >= 0 && at < labels.length && labels[at] == labels[from]) {
      at += step;
    }
    return Math.abs(at - from);
  }

  /** Lengths of runs of equal labels. */
  static int[] lengths(int[] labels) {
    IntStream.Builder lengths = IntStream.builder();
    int start = 0;
    for (int i = 1; i <= labels.length; i++) {
      if (i == labels.length || labels[i] != labels[start]) {
        lengths.add(i - start);
        start = i;
      }
    }
    return lengths.build().toArray();
  }

  /** Means of frames and their clusters, unit rows, mean cosines of places, and the clusters. */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    int n = tokens.size();
    int size = tokens.features().cols();
    Places places = Places.of(tokens);
    int frames = places.frames().size();
    double all =
        (double) n * size
            + DensityPeaks.operations(frames, Math.min(NEIGHBOURS, frames), size)
            + Operations.unitRows(n, size);
    int first = 0;
    for (int length : sceneLengths(tokens.features(), places)) {
      if (length > 1) {
        int compared = places.through(first, first + length - 1).size();
        all += (double) compared * (length * size + 2 * size + 2);
      }
      first += length;
    }
    List<List<int[]>> groups = groups(tokens);
    int[] counts = counts(groups, budget, n);
    for (int g = 0; g < counts.length; g++) {
      List<int[]> group = groups.get(g);
      int own = group.stream().mapToInt(place -> place.length).sum();
      all += MixedTokens.operations(own, group.size(), counts[g], NEIGHBOURS, size);
    }
    return all;
  }
}
