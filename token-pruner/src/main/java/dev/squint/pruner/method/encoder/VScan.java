package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import dev.squint.pruner.evidence.ClsAttentionAt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Keeps the tokens of each window of a tile that an early encoder layer attends to most, and those
 * of the whole tile that the last one attends to most; merges every other token into the kept one
 * that it is most similar to. VScan (arXiv 2505.22654), first stage. The second one, between
 * decoder layers, is that of PyramidDrop.
 *
 * @param local share of the budget for the windows
 * @param window rows and columns of a window; the authors have windows of 6 x 6 of 24 x 24 tokens
 * @param depth the early layer, as a share of the layers
 */
public record VScan(double local, int window, double depth) implements Pruner<PatchTokens> {
  private static final ClsAttention LATE = new ClsAttention(-1);

  public VScan {
    if (!(local >= 0 && local <= 1)) {
      throw new IllegalArgumentException("local must be in [0, 1] but was " + local);
    }
    if (window < 1) {
      throw new IllegalArgumentException("window must be at least 1 but was " + window);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(early(), LATE);
  }

  private ClsAttentionAt early() {
    return new ClsAttentionAt(depth);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    return PerTile.reduce(
        tokens, budget.tokens(tokens.size()), (tile, indices, share) -> prune(tile, share));
  }

  private TokenReduction prune(PatchTokens tile, int share) {
    int n = tile.size();
    int[] chosen = choose(tile, share);
    int[] group = new int[n];
    Arrays.fill(group, -1);
    for (int k = 0; k < chosen.length; k++) {
      group[chosen[k]] = k;
    }
    int[] others = IntStream.range(0, n).filter(i -> group[i] < 0).toArray();
    Matrix unit = tile.features().unitRows();
    Matrix likeness = unit.rows(others).timesTransposed(unit.rows(chosen));
    for (int i = 0; i < others.length; i++) {
      group[others[i]] = Ranking.best(likeness.row(i), 1)[0];
    }
    return TokenReduction.merge(chosen, group, tile.patches());
  }

  /** The kept tokens of a tile, ascending. */
  private int[] choose(PatchTokens tile, int share) {
    float[] shallow = tile.evidence(early()).meanOverHeads();
    float[] deep = tile.evidence(LATE).meanOverHeads().clone();
    List<int[]> windows = windows(tile.positions());
    int[] sizes = windows.stream().mapToInt(own -> own.length).toArray();
    int[] shares = Apportionment.even((int) (share * local), sizes);
    IntStream.Builder kept = IntStream.builder();
    for (int w = 0; w < shares.length; w++) {
      int[] own = windows.get(w);
      float[] scores = new float[own.length];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = shallow[own[i]];
      }
      for (int i : Ranking.best(scores, shares[w])) {
        kept.add(own[i]);
        deep[own[i]] = Float.NaN; // ranks last
      }
    }
    int rest = share - IntStream.of(shares).sum();
    return IntStream.concat(kept.build(), IntStream.of(Ranking.best(deep, rest)))
        .sorted()
        .toArray();
  }

  /** The tokens of each window, row by row. */
  private List<int[]> windows(List<TokenPosition> positions) {
    record Window(int row, int col) {}
    Map<Window, List<Integer>> windows =
        new TreeMap<>(Comparator.comparing(Window::row).thenComparing(Window::col));
    for (int i = 0; i < positions.size(); i++) {
      TokenPosition at = positions.get(i);
      windows
          .computeIfAbsent(
              new Window(at.row() / window, at.col() / window), place -> new ArrayList<>())
          .add(i);
    }
    return windows.values().stream()
        .map(own -> own.stream().mapToInt(Integer::intValue).toArray())
        .toList();
  }

  /** Means over heads of both layers, unit rows, and cosines of dropped and kept tokens. */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    double size = tokens.features().cols();
    double early = tokens.evidence(early()).perHead().rows();
    double late = tokens.evidence(LATE).perHead().rows();
    return PerTile.operations(
        tokens,
        decision,
        (n, kept) ->
            Operations.columnMeans(early, n)
                + Operations.columnMeans(late, n)
                + Operations.unitRows(n, size)
                + Operations.dots(n - kept, kept, size));
  }
}
