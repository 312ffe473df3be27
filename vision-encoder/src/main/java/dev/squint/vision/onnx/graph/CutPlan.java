package dev.squint.vision.onnx.graph;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The cuts and taps to make in a graph.
 *
 * @param cutAfter layers after which a stage ends, ascending
 * @param taps outputs to add
 * @param unmaskedFrom the first layer of an encoder whose mask is replaced by the input {@link
 *     GraphRewriter#KEY_BIAS}, also in all later layers, because the number of tokens differs from
 *     the one that the graph was exported for; {@link #NONE} for none
 * @param somePatches whether an encoder that takes patches is given some of them, by the input
 *     {@link GraphRewriter#PATCH_ROWS}; such a graph is neither cut nor tapped
 * @param pairs whether the layers of a decoder take the input {@link GraphRewriter#PAIRS}
 * @param fused whether attention that a decoder builds from single operators becomes one operator,
 *     {@code GroupQueryAttention}, where that computes the same; the operator runs on the processor
 */
public record CutPlan(
    List<Integer> cutAfter,
    Set<Tap> taps,
    int unmaskedFrom,
    boolean somePatches,
    boolean pairs,
    boolean fused) {

  /**
   * The cut before the first layer: after the patch and position embeddings of an encoder. Its
   * layers then take any of the patches, and their masks are dropped.
   */
  public static final int EMBEDDINGS = -1;

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

  /** An encoder that takes patches, given some of them. */
  public static CutPlan ofSomePatches() {
    return new CutPlan(List.of(), Set.of(), NONE, true, false, false);
  }

  /** Makes cuts and taps, and replaces masks from a layer on. */
  public CutPlan(List<Integer> cutAfter, Set<Tap> taps, int unmaskedFrom) {
    this(cutAfter, taps, unmaskedFrom, false, false, false);
  }

  /** Makes cuts and taps; masks stay unchanged. */
  public CutPlan(List<Integer> cutAfter, Set<Tap> taps) {
    this(cutAfter, taps, NONE);
  }

  /** Makes cuts without taps. */
  public static CutPlan after(Integer... layers) {
    return new CutPlan(List.of(layers), Set.of());
  }

  /** The same cuts with taps. */
  public CutPlan tapping(Tap... added) {
    Set<Tap> more = new LinkedHashSet<>(taps);
    more.addAll(List.of(added));
    return new CutPlan(cutAfter, more, unmaskedFrom, somePatches, pairs, fused);
  }

  /**
   * The same plan for a decoder whose layers take as input which pairs of tokens see each other.
   */
  public CutPlan withPairs(boolean given) {
    return new CutPlan(cutAfter, taps, unmaskedFrom, somePatches, given, fused);
  }

  /** The same plan with or without {@link #fused} attention. */
  public CutPlan withFusedAttention(boolean wanted) {
    return new CutPlan(cutAfter, taps, unmaskedFrom, somePatches, pairs, wanted);
  }

  /** Whether the plan needs what only single operators show. */
  boolean needsSingleOperators() {
    return pairs || taps.stream().anyMatch(tap -> tap.value() == Tap.Value.ATTENTION);
  }

  /** Number of the stage that a layer is in. */
  int stageOf(int layer) {
    return (int) cutAfter.stream().filter(cut -> cut < layer).count();
  }

  /** For example {@code cut 1,3 tap.1.queries.rows}; equal plans give equal texts. */
  @Override
  public String toString() {
    String cuts = cutAfter.stream().map(String::valueOf).collect(Collectors.joining(","));
    return "cut %s %s%s%s%s%s"
        .formatted(
            cuts,
            taps.stream().map(Tap::output).sorted().collect(Collectors.joining(" ")),
            unmaskedFrom == NONE ? "" : " unmasked from " + unmaskedFrom,
            somePatches ? " some patches" : "",
            pairs ? " pairs" : "",
            fused ? " fused" : "");
  }
}
