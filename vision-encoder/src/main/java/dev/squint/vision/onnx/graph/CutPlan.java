package dev.squint.vision.onnx.graph;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Where a graph is cut and what is tapped.
 *
 * @param cutAfter layers after which a stage ends, ascending
 * @param taps outputs to add
 * @param unmaskedFrom the first layer of an encoder that has no mask but the input {@link
 *     GraphRewriter#KEY_BIAS}, like all that follow, because it takes another number of tokens than
 *     the graph was made for; {@link #NONE} for none
 */
public record CutPlan(List<Integer> cutAfter, Set<Tap> taps, int unmaskedFrom) {

  /** No layer. */
  public static final int NONE = Integer.MAX_VALUE;

  /**
   * Copies the collections.
   *
   * @throws IllegalArgumentException if the cuts do not ascend
   */
  public CutPlan {
    cutAfter = List.copyOf(cutAfter);
    taps = Collections.unmodifiableSet(new LinkedHashSet<>(taps));
    if (!List.copyOf(new TreeSet<>(cutAfter)).equals(cutAfter)) {
      throw new IllegalArgumentException("cuts must ascend but were " + cutAfter);
    }
  }

  /** Cuts and taps, with the masks as they are. */
  public CutPlan(List<Integer> cutAfter, Set<Tap> taps) {
    this(cutAfter, taps, NONE);
  }

  /** Cuts without taps. */
  public static CutPlan after(Integer... layers) {
    return new CutPlan(List.of(layers), Set.of());
  }

  /** The same cuts with taps. */
  public CutPlan tapping(Tap... added) {
    Set<Tap> more = new LinkedHashSet<>(taps);
    more.addAll(List.of(added));
    return new CutPlan(cutAfter, more, unmaskedFrom);
  }

  /** The same with layers that take another number of tokens than the graph was made for. */
  public CutPlan unmaskedFrom(int layer) {
    return new CutPlan(cutAfter, taps, layer);
  }

  /** Number of the stage that a layer is in. */
  int stageOf(int layer) {
    return (int) cutAfter.stream().filter(cut -> cut < layer).count();
  }

  /** Such as {@code cut 1,3 tap.1.queries.rows}, the same for equal plans. */
  @Override
  public String toString() {
    String cuts = cutAfter.stream().map(String::valueOf).collect(Collectors.joining(","));
    return "cut %s %s%s"
        .formatted(
            cuts,
            taps.stream().map(Tap::output).sorted().collect(Collectors.joining(" ")),
            unmaskedFrom == NONE ? "" : " unmasked from " + unmaskedFrom);
  }
}
