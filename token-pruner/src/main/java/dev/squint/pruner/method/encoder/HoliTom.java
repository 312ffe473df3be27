package dev.squint.pruner.method.encoder;

import dev.squint.pruner.Apportionment;
import dev.squint.pruner.Budget;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Operations;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.evidence.ClsAttention;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Cuts a clip into windows, in which the tokens that do not change become one for all frames, so
 * that as many tokens as possible are saved. Then clusters these by density, and keeps the most
 * attended of the others. HoliTom (arXiv 2505.21334), without its merging between decoder layers.
 *
 * <p>{@link Variant#PAPER}, the default, keeps exactly the budget, or all tokens that are left if
 * they are fewer. {@link Variant#CODE} rounds the share of each group of tokens.
 *
 * @param variant paper or code
 * @param similarity cosine with the frame before above which a token does not change
 * @param neighbours number of neighbours in the density
 * @param beta weight of a merged token's own features
 */
public record HoliTom(Variant variant, double similarity, int neighbours, double beta)
    implements Pruner<PatchTokens> {
  private static final ClsAttention ATTENTION = new ClsAttention(-1);

  public HoliTom {
    if (!(beta >= 0 && beta <= 1)) {
      throw new IllegalArgumentException("beta must be in [0, 1] but was " + beta);
    }
    if (neighbours < 1) {
      throw new IllegalArgumentException("neighbours must be at least 1 but was " + neighbours);
    }
  }

  @Override
  public Set<Evidence<?>> needs() {
    return Set.of(ATTENTION);
  }

  @Override
  public TokenReduction reduce(PatchTokens tokens, Budget budget) {
    int n = tokens.size();
    int total = budget.tokens(n);
    if (total == n) {
      return TokenReduction.keepAll(n);
    }
    float[] attention = tokens.evidence(ATTENTION).meanOverHeads();
    List<Group> groups = groups(tokens);
    int[] shares = shares(groups, budget, n);
    MixedTokens result = new MixedTokens(n);
    for (int g = 0; g < shares.length; g++) {
      Group group = groups.get(g);
      if (group.still) {
        result.addClusters(
            tokens.features(), group.places, shares[g], Math.min(neighbours, shares[g]), beta);
      } else {
        float[] own = new float[group.places.size()];
        for (int i = 0; i < own.length; i++) {
          own[i] = attention[group.places.get(i)[0]];
        }
        IntStream.of(Ranking.best(own, shares[g]))
            .forEach(i -> result.keep(group.places.get(i)[0]));
      }
    }
    return result.build();
  }

  private int[] shares(List<Group> groups, Budget budget, int n) {
    int[] sizes = groups.stream().mapToInt(group -> group.places.size()).toArray();
    int left = IntStream.of(sizes).sum();
    int total = budget.tokens(n);
    if (variant == Variant.PAPER) {
      return Apportionment.even(Math.min(total, left), sizes);
    }
    double ratio = budget instanceof Budget.Ratio share ? share.keep() : (double) total / n;
    double own = Math.min(ratio / ((double) left / n), 1);
    int[] shares = new int[sizes.length];
    for (int g = 0; g < shares.length; g++) {
      shares[g] =
          (int) (groups.get(g).still ? Math.rint(sizes[g] * own) : Math.ceil(sizes[g] * own));
    }
    return shares;
  }

  /**
   * Tokens that share a budget: places of a window that do not change, or what is left of a frame.
   *
   * @param still whether they are places of a window
   * @param places tokens at each place
   */
  private record Group(boolean still, List<int[]> places) {}

  private List<Group> groups(PatchTokens tokens) {
    Places places = Places.of(tokens);
    int[] since = since(tokens, places.before());
    List<Group> groups = new ArrayList<>();
    for (int[] window : windows(places.frames(), since)) {
      int last = window[1];
      boolean[] taken = new boolean[tokens.size()];
      if (window[0] < last) {
        List<int[]> still =
            places.through(window[0], last).stream()
                .filter(place -> since[place[place.length - 1]] >= last - window[0])
                .toList();
        still.forEach(place -> IntStream.of(place).forEach(token -> taken[token] = true));
        groups.add(new Group(true, still));
      }
      for (int f = window[0]; f <= last; f++) {
        groups.add(
            new Group(
                false,
                IntStream.of(places.without(f, taken))
                    .mapToObj(token -> new int[] {token})
                    .toList()));
      }
    }
    return groups;
  }

  /** For how many frames each token has not changed, [N]. */
  private int[] since(PatchTokens tokens, int[] before) {
    float[] novelty = PreviousFrame.novelty(tokens, before);
    int[] order =
        IntStream.range(0, before.length)
            .boxed()
            .sorted(Comparator.comparing(i -> tokens.positions().get(i).frame()))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] since = new int[before.length];
    for (int i : order) {
      since[i] = before[i] >= 0 && 1 - novelty[i] > similarity ? since[before[i]] + 1 : 0;
    }
    return since;
  }

  List<int[]> windows(PatchTokens tokens) {
    Places places = Places.of(tokens);
    return windows(places.frames(), since(tokens, places.before()));
  }

  /** First and last frame of each window: those that save most tokens together, the first best. */
  static List<int[]> windows(List<int[]> frames, int[] since) {
    int count = frames.size();
    long[] saved = new long[count + 1];
    int[] start = new int[count];
    for (int last = 0; last < count; last++) {
      saved[last + 1] = saved[last];
      start[last] = last;
      for (int first = last - 1; first >= 0; first--) {
        int more = last - first;
        long still = IntStream.of(frames.get(last)).filter(i -> since[i] >= more).count();
        if (saved[first] + still * more > saved[last + 1]) {
          saved[last + 1] = saved[first] + still * more;
          start[last] = first;
        }
      }
    }
    List<int[]> windows = new ArrayList<>();
    for (int last = count - 1; last >= 0; last = start[last] - 1) {
      windows.add(0, new int[] {start[last], last});
    }
    return windows;
  }

  /** Means over heads, cosines with the frame before, and the clusters. */
  @Override
  public double operations(PatchTokens tokens, Budget budget, TokenReduction decision) {
    int n = tokens.size();
    int size = tokens.features().cols();
    List<Group> groups = groups(tokens);
    int[] shares = shares(groups, budget, n);
    double all =
        Operations.columnMeans(tokens.evidence(ATTENTION).perHead().rows(), n)
            + PreviousFrame.operations(tokens);
    for (int g = 0; g < shares.length; g++) {
      if (groups.get(g).still) {
        List<int[]> places = groups.get(g).places;
        int own = places.stream().mapToInt(place -> place.length).sum();
        int nearest = Math.min(neighbours, shares[g]);
        all += MixedTokens.operations(own, places.size(), shares[g], nearest, size);
      }
    }
    return all;
  }
}
