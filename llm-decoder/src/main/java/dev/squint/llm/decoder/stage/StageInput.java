package dev.squint.llm.decoder.stage;

import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.pruner.Matrix;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the next stage runs on.
 *
 * @param rows numbers of the tokens among those that the last stage ran on, ascending, [S']
 * @param positions their position ids in the next stages, [A, S']
 * @param nextPosition position of the first token that is generated, in the next stages
 * @param changed hidden states that differ from those of the rows, such as means of several
 * @param restart a shorter prompt with which the decoder restarts at its first layer; what the
 *     caches held is dropped
 */
public record StageInput(
    int[] rows,
    PositionIds positions,
    long nextPosition,
    @Nullable Changed changed,
    @Nullable PromptEmbeddings restart) {

  /**
   * Hidden states that replace others.
   *
   * @param indices among the rows that are kept, ascending, [M]
   * @param hidden [M, D]
   */
  public record Changed(int[] indices, Matrix hidden) {

    /** Checks that there is a row for each index. */
    public Changed {
      if (indices.length != hidden.rows()) {
        throw new IllegalArgumentException(
            "%d indices cannot take %d rows of hidden states"
                .formatted(indices.length, hidden.rows()));
      }
    }
  }

  /** Checks that the numbers fit. */
  public StageInput {
    if (rows.length == 0 || rows.length != positions.tokens()) {
      throw new IllegalArgumentException(
          "%d tokens were kept with %d positions; keep at least one, and give each a position"
              .formatted(rows.length, positions.tokens()));
    }
    for (int i = 1; i < rows.length; i++) {
      if (rows[i] <= rows[i - 1]) {
        throw new IllegalArgumentException(
            "tokens must be kept in ascending order, but %d follows %d"
                .formatted(rows[i], rows[i - 1]));
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

  /** Some tokens at the positions that they have; new tokens follow the whole prompt. */
  public static StageInput keepingPositions(StageEnd end, int[] rows) {
    return new StageInput(rows, end.positions().of(rows), end.nextPosition(), null, null);
  }

  /**
   * Some tokens, renumbered without gaps from the first one's position, as PyramidDrop does; new
   * tokens follow them. Where time, height and width have positions of their own, all tokens keep
   * theirs: on one axis they would lose their coordinates in the picture.
   */
  public static StageInput renumbered(StageEnd end, int[] rows) {
    if (end.positions().axes() > 1) {
      return keepingPositions(end, rows);
    }
    long first = end.positions().axis(0)[0];
    PositionIds counted = PositionIds.counting(first, rows.length);
    return new StageInput(rows, counted, first + rows.length, null, null);
  }

  /** The decoder restarts with these of the tokens. */
  public static StageInput restarted(StageEnd end, int[] rows, PromptEmbeddings prompt) {
    StageInput kept = keepingPositions(end, rows);
    return new StageInput(rows, kept.positions, kept.nextPosition, null, prompt);
  }

  /** The same with some hidden states replaced. */
  public StageInput changing(Changed other) {
    return new StageInput(rows, positions, nextPosition, other, restart);
  }
}
