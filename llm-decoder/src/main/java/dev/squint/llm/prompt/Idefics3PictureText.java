package dev.squint.llm.prompt;

import dev.squint.llm.model.Tokenizer;
import dev.squint.pruner.Tile;
import java.util.List;

/**
 * Idefics3, SmolVLM and their kin: each crop is announced by its row and column, rows end with a
 * line break, the global view comes last (transformers, {@code processing_idefics3.py}).
 *
 * <p>Crops of a finer grid than the tokenizer has announcements for, which a plan may ask for, are
 * announced as the crop of a grid two or more times as coarse in which they lie.
 *
 * <p>A crop that has no tokens left is not announced, and a row without crops has no line break, so
 * that what is announced is there.
 *
 * @param imageToken stands for one visual token
 * @param fakeToken stands around each tile's tokens
 * @param globalToken announces the global view
 * @param announced rows and columns that the tokenizer has a token for; 0 if it has none
 */
public record Idefics3PictureText(
    String imageToken, String fakeToken, String globalToken, int announced) implements PictureText {

  /** The number of rows and columns of crops that a tokenizer has a token for. */
  static int announced(Tokenizer tokenizer) {
    int edge = 0;
    while (tokenizer.adds(marker(edge, edge))) {
      edge++;
    }
    return edge;
  }

  @Override
  public String of(List<TileTokens> tiles) {
    StringBuilder text = new StringBuilder();
    int openRow = -1;
    boolean crops = false;
    for (TileTokens left : tiles) {
      Tile.Crop crop = left.tile().crop();
      if (crop != null && left.tokens() > 0) {
        int row = named(crop.row(), crop.gridRows());
        if (openRow >= 0 && row != openRow) {
          text.append('\n');
        }
        openRow = row;
        crops = true;
        text.append(fakeToken)
            .append(marker(row, named(crop.col(), crop.gridCols())))
            .append(imageToken.repeat(left.tokens()));
      }
    }
    if (crops) {
      text.append('\n');
    }
    for (TileTokens left : tiles) {
      if (left.tile().isGlobal() && left.tokens() > 0) {
        text.append(crops ? "\n" : "")
            .append(fakeToken)
            .append(globalToken)
            .append(imageToken.repeat(left.tokens()));
      }
    }
    return text.append(fakeToken).toString();
  }

  private static String marker(int row, int col) {
    return "<row_%d_col_%d>".formatted(row + 1, col + 1);
  }

  /** The row or column as which one of {@code count} is announced. */
  private int named(int index, int count) {
    int coarser = announced == 0 ? 1 : (count + announced - 1) / announced;
    return index / coarser;
  }
}
