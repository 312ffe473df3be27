package dev.squint.pruner.method.depth;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How routers without training spend a budget of visual tokens over the decoder's layers. The first
 * two layers and the last process all tokens. Ours, after p-MoD (arXiv 2412.04449) and gamma-MoD
 * (arXiv 2410.13859).
 */
public final class RoutedDepths {

  private static final int FIRST = 2;
  private static final int WHOLE = 3;
  private static final double LEAST = 0.15;
  private static final int STEPS = 60;

  private RoutedDepths() {}

  /** The layers in which a router may let tokens skip, ascending. */
  public static int[] candidates(int layers) {
    return IntStream.range(FIRST, layers - 1).toArray();
  }

  /**
   * Checks a budget.
   *
   * @param keep mean share of the visual tokens in a layer
   * @throws IllegalArgumentException if three whole layers alone cost more, or there is no other
   */
  public static void check(int layers, double keep) {
    if (layers <= WHOLE) {
      throw new IllegalArgumentException(
          "a decoder of %d layers has none between the first two and the last that tokens may skip"
              .formatted(layers));
    }
    if (!(keep < 1) || keep * layers < WHOLE) {
      throw new IllegalArgumentException(
          "the first two of %d layers and the last have all tokens, so a budget is in [%s, 1), not %s"
              .formatted(layers, Math.ceil(10000.0 * WHOLE / layers) / 10000, keep));
    }
  }

  /**
   * The layers with the lowest attention ranks, as few as still process 15 % of the tokens each, or
   * all candidates; ascending.
   *
   * @param ranks attention rank of each layer but the last (ARank), [L - 1]
   * @param keep mean share of the visual tokens in a layer
   */
  public static int[] lowest(List<Double> ranks, double keep) {
    int layers = ranks.size() + 1;
    check(layers, keep);
    int[] candidates = candidates(layers);
    int count = candidates.length;
    for (int few = candidates.length; few > 0 && share(layers, few, keep) >= LEAST; few--) {
      count = few;
    }
    return Arrays.stream(candidates)
        .boxed()
        .sorted(Comparator.comparingDouble(ranks::get))
        .limit(count)
        .mapToInt(Integer::intValue)
        .sorted()
        .toArray();
  }

  /** Share of the visual tokens in each of some layers that keeps the mean of all layers. */
  public static double share(int layers, int routed, double keep) {
    return 1 - layers * (1 - keep) / routed;
  }

  /**
   * Shares along p-MoD's cosine of the depth, moved up or down until their mean is the budget; none
   * below 15 %, or below the even share where that is less, [L].
   *
   * @param keep mean share of the visual tokens in a layer
   */
  public static double[] cosine(int layers, double keep) {
    check(layers, keep);
    double least = Math.min(LEAST, share(layers, layers - WHOLE, keep));
    double low = -2;
    double high = 2;
    for (int i = 0; i < STEPS; i++) {
      double middle = (low + high) / 2;
      if (Arrays.stream(moved(layers, middle, least)).average().orElseThrow() < keep) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return moved(layers, high, least);
  }

  private static double[] moved(int layers, double by, double least) {
    double[] shares = new double[layers];
    Arrays.fill(shares, 1);
    for (int layer : candidates(layers)) {
      double cosine = Math.cos(Math.PI * layer / (layers - 1)) / 2 + 0.5;
      shares[layer] = Math.min(1, Math.max(least, cosine + by));
    }
    return shares;
  }
}
