package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.graph.LengthProbe.Computed;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;

/**
 * What tensors that hold no contents of tokens are, by their values for several lengths.
 *
 * @param runs numbers of tokens, and the values for them
 */
record LengthValues(List<Run> runs) {

  /** Lengths that are no sizes of heads or numbers of heads, as far as possible. */
  private static final int[][] LENGTHS = {{3, 5}, {11, 5}, {0, 7}};

  /**
   * The values for one pair of lengths.
   *
   * @param past cached tokens
   * @param tokens new tokens
   */
  record Run(int past, int tokens, Map<String, Computed> values) {

    private double[] of(String tensor) {
      return computed(tensor).values();
    }

    private Computed computed(String tensor) {
      return Objects.requireNonNull(values.get(tensor), tensor);
    }

    private boolean counts(String tensor, int first, int number) {
      double[] found = of(tensor);
      boolean counts = found.length == number;
      for (int i = 0; i < found.length && counts; i++) {
        counts = found[i] == first + i;
      }
      return counts;
    }
  }

  /** The kind of a tensor. */
  enum Kind {
    /** The positions of the new tokens, S numbers. */
    POSITIONS,
    /** The numbers of all cached and new tokens, T numbers. */
    ROWS,
    /** The number of cached and new tokens, which is one more than the last position. */
    TOTAL,
    /** The number of cached tokens, which is the first position. */
    FIRST,
    /** Something else. */
    OTHER
  }

  /**
   * Computes tensors for some lengths.
   *
   * @throws IllegalArgumentException if that is not possible
   */
  static LengthValues of(
      OnnxModel model, GraphIndex index, HiddenTensors hidden, Collection<String> tensors) {
    List<Run> runs = new ArrayList<>();
    try (LengthProbe probe = new LengthProbe(model, index, hidden, tensors)) {
      for (int[] each : LENGTHS) {
        long[] positions = LongStream.range(each[0], each[0] + each[1]).toArray();
        runs.add(new Run(each[0], each[1], probe.run(each[0], positions)));
      }
    }
    return new LengthValues(runs);
  }

  Kind kind(String tensor) {
    if (runs.stream().noneMatch(run -> run.values().containsKey(tensor))) {
      return Kind.OTHER;
    }
    if (runs.stream().allMatch(run -> run.counts(tensor, run.past, run.tokens))) {
      return Kind.POSITIONS;
    }
    if (runs.stream().allMatch(run -> run.counts(tensor, 0, run.past + run.tokens))) {
      return Kind.ROWS;
    }
    if (runs.stream().allMatch(run -> run.counts(tensor, run.past + run.tokens, 1))) {
      return Kind.TOTAL;
    }
    return runs.stream().allMatch(run -> run.counts(tensor, run.past, 1)) ? Kind.FIRST : Kind.OTHER;
  }

  /** Whether a tensor is the same for all lengths. */
  boolean isFixed(String tensor) {
    Computed first = runs.get(0).computed(tensor);
    return runs.stream().allMatch(run -> run.computed(tensor).equalTo(first));
  }

  /** The element type of a tensor, as ONNX numbers it. */
  int elementType(String tensor) {
    return runs.get(0).computed(tensor).elementType();
  }

  /**
   * The shape of a tensor as {@code Reshape} takes it, with -1 where it is as long as there are new
   * tokens, or all tokens, and 0 for the batch.
   */
  long[] shape(String tensor) {
    Run run = runs.get(0);
    long[] shape = run.computed(tensor).shape().clone();
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == run.tokens || shape[i] == run.past + run.tokens) {
        shape[i] = -1;
      }
    }
    if (shape.length > 1 && shape[0] == 1 && run.of(tensor).length > 1) {
      shape[0] = 0;
    }
    return shape;
  }
}
