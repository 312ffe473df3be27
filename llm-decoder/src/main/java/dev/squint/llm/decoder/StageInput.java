package dev.squint.llm.decoder;

import dev.squint.pruner.Matrix;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What goes on into the next stage.
 *
 * @param rows numbers of the tokens among those that the last stage ran on, ascending, [S']
 * @param positions their position ids from now on, [A, S']
 * @param nextPosition position of the first token that is generated, in the stages from now on
 * @param changed hidden states that differ from those of the rows, such as means of several
 * @param anew a shorter prompt with which the decoder begins anew instead; no cache is carried on
 */
public record StageInput(
    int[] rows,
    PositionIds positions,
    long nextPosition,
    @Nullable Changed changed,
    @Nullable PromptEmbeddings anew) {

  /**
   * Hidden states that take the place of others.
   *
   * @param places among the rows that go on, ascending, [M]
   * @param hidden [M, D]
   */
  public record Changed(int[] places, Matrix hidden) {

    /** Checks that there is a row for each place. */
    public Changed {
      if (places.length != hidden.rows()) {
        throw new IllegalArgumentException(
            "%d places cannot take %d rows".formatted(places.length, hidden.rows()));
      }
    }
  }

  /** Checks that the numbers fit. */
  public StageInput {
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
  public static StageInput everything(StageEnd end) {
    return new StageInput(
        IntStream.range(0, end.tokens()).toArray(),
        end.positions(),
        end.nextPosition(),
        null,
        null);
  }

  /** Some tokens at the positions that they have; new tokens follow on the whole prompt. */
  public static StageInput keepingPositions(StageEnd end, int[] rows) {
    return new StageInput(rows, end.positions().of(rows), end.nextPosition(), null, null);
  }

  /**
   * Some tokens, counted without gaps from the first one's position, as PyramidDrop does; new
   * tokens follow on them. Where time, height and width are counted apart, all keep their
   * positions: in one row they would lose their places in the picture.
   */
  public static StageInput renumbered(StageEnd end, int[] rows) {
    if (end.positions().axes() > 1) {
      return keepingPositions(end, rows);
    }
    long first = end.positions().axis(0)[0];
    PositionIds counted = PositionIds.counting(first, rows.length);
    return new StageInput(rows, counted, first + rows.length, null, null);
  }

  /** The decoder begins anew with these of the tokens. */
  public static StageInput anew(StageEnd end, int[] rows, PromptEmbeddings prompt) {
    StageInput kept = keepingPositions(end, rows);
    return new StageInput(rows, kept.positions, kept.nextPosition, null, prompt);
  }

  /** The same with other hidden states in some places. */
  public StageInput changing(Changed other) {
    return new StageInput(rows, positions, nextPosition, other, anew);
  }
}
