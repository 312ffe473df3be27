package dev.squint.llm.decoder.input;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Positions of tokens, [A, S]: one axis, or time, height and width as in M-RoPE (Qwen2-VL, arXiv
 * 2409.12191, section 2.1). Immutable.
 */
public final class PositionIds {

  private final long[][] axes;

  private PositionIds(long[][] axes) {
    this.axes = axes;
  }

  /**
   * Positions on each axis.
   *
   * @throws IllegalArgumentException if there is no axis, no token, or the axes differ in length
   */
  public static PositionIds of(long[]... axes) {
    if (axes.length == 0 || axes[0].length == 0) {
      throw new IllegalArgumentException(
          "there must be an axis and a token but there are %d axes".formatted(axes.length));
    }
    for (long[] axis : axes) {
      if (axis.length != axes[0].length) {
        throw new IllegalArgumentException(
            "the axes have %d and %d positions; each token needs one on every axis"
                .formatted(axes[0].length, axis.length));
      }
    }
    return new PositionIds(Arrays.stream(axes).map(long[]::clone).toArray(long[][]::new));
  }

  /** Consecutive numbers on one axis, [1, S]. */
  public static PositionIds counting(long first, int tokens) {
    return of(LongStream.range(first, first + tokens).toArray());
  }

  /** Number of axes, A. */
  public int axes() {
    return axes.length;
  }

  /** Number of tokens, S. */
  public int tokens() {
    return axes[0].length;
  }

  /** The numbers of one axis, [S]. */
  public long[] axis(int axis) {
    return axes[axis].clone();
  }

  /** The number of one token on one axis. */
  public long at(int axis, int token) {
    return axes[axis][token];
  }

  /** The positions of some tokens, [A, S'], unchanged. */
  public PositionIds of(int[] tokens) {
    return new PositionIds(
        Arrays.stream(axes)
            .map(axis -> IntStream.of(tokens).mapToLong(token -> axis[token]).toArray())
            .toArray(long[][]::new));
  }

  /**
   * All numbers for a graph with this number of axes, axis after axis, [axes * S]. A position on
   * one axis is repeated on all.
   *
   * @throws IllegalArgumentException if these positions have several axes and the graph has not as
   *     many
   */
  public long[] values(int axes) {
    if (axes != axes() && axes() != 1) {
      throw new IllegalArgumentException(
          "positions have %d axes but the graph takes %d".formatted(axes(), axes));
    }
    return IntStream.range(0, axes)
        .mapToObj(axis -> this.axes[axes() == 1 ? 0 : axis])
        .flatMapToLong(LongStream::of)
        .toArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PositionIds positions && Arrays.deepEquals(axes, positions.axes);
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(axes);
  }

  /** Such as {@code [[0, 1, 2]]}. */
  @Override
  public String toString() {
    return Arrays.deepToString(axes);
  }
}
