package dev.squint.llm.prompt;

import dev.squint.pruner.TokenPosition;
import java.util.List;

/**
 * Pixtral and Mistral 3: rows of visual tokens, a break token between them and an end token after
 * the last (transformers, {@code processing_pixtral.py}). A row that has no tokens left is not
 * written.
 *
 * @param imageToken stands for one visual token
 * @param breakToken stands between rows
 * @param endToken stands after the last row
 */
record RowBreakPictureText(String imageToken, String breakToken, String endToken)
    implements PictureText {

  @Override
  public String of(List<TileTokens> tiles) {
    StringBuilder text = new StringBuilder();
    for (TileTokens tile : tiles) {
      int row = -1;
      for (TokenPosition position : tile.left()) {
        text.append(row >= 0 && position.row() != row ? breakToken : "").append(imageToken);
        row = position.row();
      }
      text.append(row >= 0 ? endToken : "");
    }
    return text.toString();
  }
}
