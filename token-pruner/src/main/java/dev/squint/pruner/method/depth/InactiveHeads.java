package dev.squint.pruner.method.depth;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which heads of a decoder can go: those whose attention to visual tokens is the lowest. YOPO's
 * inactive heads (arXiv 2410.06169); there they still work for words.
 */
public final class InactiveHeads {

  private static final int WHOLE = 2;

  private InactiveHeads() {}

  private record Head(int layer, int number, double attention) {}

  /**
   * Chooses heads. As in the authors' masks, the first two layers keep all; so does the last, which
   * is not measured, and each layer keeps one.
   *
   * @param attention share of the words' attention that goes to visual tokens, for each layer but
   *     the last, [L - 1] times [H]
   * @param keep share of all heads of the decoder that stay
   * @return for each layer the heads that go, [L]
   * @throws IllegalArgumentException if fewer heads may go than the share says
   */
  public static List<Set<Integer>> lowest(List<List<Double>> attention, double keep) {
    List<Set<Integer>> gone = new ArrayList<>();
    List<Head> candidates = new ArrayList<>();
    int heads = 0;
    for (int layer = 0; layer <= attention.size(); layer++) {
      gone.add(new TreeSet<>());
      // The last layer has as many heads as the one before.
      List<Double> ofLayer = attention.get(Math.min(layer, attention.size() - 1));
      heads += ofLayer.size();
      for (int head = 0;
          layer >= WHOLE && layer < attention.size() && head < ofLayer.size();
          head++) {
        candidates.add(new Head(layer, head, ofLayer.get(head)));
      }
    }
    candidates.sort(Comparator.comparingDouble(Head::attention));
    long wanted = Math.round((1 - keep) * heads);
    long left = wanted;
    for (Head head : candidates) {
      Set<Integer> ofLayer = gone.get(head.layer);
      if (left > 0 && ofLayer.size() + 1 < attention.get(head.layer).size()) {
        ofLayer.add(head.number);
        left--;
      }
    }
    if (left > 0) {
      throw new IllegalArgumentException(
          "%d of %d heads are to go, but only %d may: the first two layers and the last keep all, others one"
              .formatted(wanted, heads, wanted - left));
    }
    return gone;
  }
}
