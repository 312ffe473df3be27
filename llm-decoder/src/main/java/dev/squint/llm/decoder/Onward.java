package dev.squint.llm.decoder;

import java.util.stream.IntStream;

/**
 * What goes on into the next stage.
 *
 * @param rows numbers of the tokens among those that the last stage ran on, ascending, [S']
 * @param positions their position ids from now on, [A, S']
 * @param nextPosition position of the first token that is generated, in the stages from now on
 */
public record Onward(int[] rows, PositionIds positions, long nextPosition) {

  /** Checks that the numbers fit. */
  public Onward {
    if (rows.length == 0 || rows.length != positions.tokens()) {
      throw new IllegalArgumentException(
          "%d tokens cannot go on with %d positions; at least one must"
              .formatted(rows.length, positions.tokens()));
    }
    for (int i = 1; i < rows.length; i++) {
      if (rows[i] <= rows[i - 1]) {
        throw new IllegalArgumentException(
            "tokens must go on in their order, but %d follows %d".formatted(rows[i], rows[i - 1]));
      }
    }
  }

  /** All tokens, as they are. */
  public static Onward everything(StageEnd end) {
    return new Onward(
        IntStream.range(0, end.tokens()).toArray(), end.positions(), end.nextPosition());
  }

  /** Some tokens at the positions that they have; new tokens follow on the whole prompt. */
  public static Onward keepingPositions(StageEnd end, int[] rows) {
    return new Onward(rows, end.positions().of(rows), end.nextPosition());
  }

  /** Some tokens, counted from 0 again as PyramidDrop does; new tokens follow on them. */
  public static Onward renumbered(int[] rows) {
    return new Onward(rows, PositionIds.counting(0, rows.length), rows.length);
  }
}
