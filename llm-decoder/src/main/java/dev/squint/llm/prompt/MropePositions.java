package dev.squint.llm.prompt;

import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import java.util.Arrays;
import java.util.List;

/**
 * Positions in time, height and width (M-RoPE: Qwen2-VL, arXiv 2409.12191, section 2.1). Text
 * counts on all three at once. A picture stands at one time, the frames of a video one after the
 * other; their tokens are counted by row and column, and the text continues after the longer side.
 * A kept token has its position among all tokens of its picture, and the text after a picture has
 * the positions that it would have without pruning.
 */
final class MropePositions {

  private final long[][] axes;
  private int tokens;
  private long next;
  private long highest = -1;

  MropePositions(int tokens, long first) {
    this.axes = new long[3][tokens];
    this.next = first;
  }

  /** One token of text. */
  void text() {
    put(next, next, next);
    next++;
  }

  /**
   * All that is left of a picture, or of the frames of a video one after the other. The text behind
   * a video is counted by height and width alone (transformers, {@code modeling_qwen2_5_vl.py}).
   *
   * @param step positions in time from one frame to the next, whole ones are counted
   */
  void picture(List<TileTokens> tiles, double step) {
    for (int i = 0; i < tiles.size(); i++) {
      for (TokenPosition position : tiles.get(i).left()) {
        put(next + (long) (i * step), next + position.row(), next + position.col());
      }
    }
    Tile tile = tiles.get(0).tile();
    next += Math.max(tile.rows(), tile.cols());
  }

  private void put(long time, long row, long col) {
    axes[0][tokens] = time;
    highest = Math.max(highest, time);
    axes[1][tokens] = row;
    axes[2][tokens] = col;
    tokens++;
  }

  PositionIds ids() {
    return PositionIds.of(
        Arrays.stream(axes).map(axis -> Arrays.copyOf(axis, tokens)).toArray(long[][]::new));
  }

  /** Position of the first token that is generated. */
  long next() {
    return Math.max(next, highest + 1);
  }
}
