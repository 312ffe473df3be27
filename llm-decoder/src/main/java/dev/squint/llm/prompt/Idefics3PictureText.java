package dev.squint.llm.prompt;

import dev.squint.pruner.Tile;
import java.util.List;

/**
 * Idefics3, SmolVLM and their kin: each crop is announced by its row and column, rows end with a
 * line break, the global view comes last (transformers, {@code processing_idefics3.py}).
 *
 * <p>A crop that has no tokens left is not announced, and a row without crops has no line break, so
 * that what is announced is there.
 *
 * @param imageToken stands for one visual token
 * @param fakeToken stands around each tile's tokens
 * @param globalToken announces the global view
 */
public record Idefics3PictureText(String imageToken, String fakeToken, String globalToken)
    implements PictureText {

  @Override
  public String of(List<TileTokens> tiles) {
    StringBuilder text = new StringBuilder();
    int openRow = -1;
    boolean crops = false;
    for (TileTokens left : tiles) {
      Tile.Crop crop = left.tile().crop();
      if (crop != null && left.tokens() > 0) {
        if (openRow >= 0 && crop.row() != openRow) {
          text.append('\n');
        }
        openRow = crop.row();
        crops = true;
        text.append(fakeToken)
            .append("<row_%d_col_%d>".formatted(crop.row() + 1, crop.col() + 1))
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
}
