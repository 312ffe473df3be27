package dev.squint.llm.prompt;

import dev.squint.pruner.Tile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * LFM2-VL: the tiles of a picture between a begin and an end token, each crop announced by its row
 * and column, the whole picture behind crops by a token of its own (transformers, {@code
 * processing_lfm2_vl.py}). A tile that has no tokens left is not announced.
 *
 * @param imageToken stands for one visual token
 * @param beginToken stands before a picture
 * @param wholeToken announces the whole picture behind crops
 * @param endToken stands after a picture
 */
record PlacedPictureText(String imageToken, String beginToken, String wholeToken, String endToken)
    implements PictureText {

  @Override
  public String of(List<TileTokens> tiles) {
    StringBuilder text = new StringBuilder();
    boolean cut = tiles.size() > 1;
    for (TileTokens tile : tiles) {
      if (tile.tokens() > 0) {
        text.append(cut ? announced(tile.tile().crop()) : "")
            .append(imageToken.repeat(tile.tokens()));
      }
    }
    return text.isEmpty() ? "" : beginToken + text + endToken;
  }

  private String announced(Tile.@Nullable Crop crop) {
    return crop == null
        ? wholeToken
        : "<|img_row_%d_col_%d|>".formatted(crop.row() + 1, crop.col() + 1);
  }
}
