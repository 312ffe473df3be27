package dev.squint.llm.prompt;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Gemma 3: each view stands in a paragraph of its own between a begin and an end token; crops are
 * introduced in words (transformers, {@code processing_gemma3.py}). A view that has no tokens left
 * is not mentioned.
 *
 * @param imageToken stands for one visual token
 * @param beginToken stands before the tokens of a view
 * @param endToken stands after them
 */
record FramedPictureText(String imageToken, String beginToken, String endToken)
    implements PictureText {

  @Override
  public String of(List<TileTokens> tiles) {
    String whole = views(tiles, true);
    String crops = views(tiles, false);
    return whole.isEmpty() || crops.isEmpty()
        ? whole + crops
        : "Here is the original image %s and here are some crops to help you see better %s"
            .formatted(whole, crops);
  }

  private String views(List<TileTokens> tiles, boolean global) {
    return tiles.stream()
        .filter(tile -> tile.tile().isGlobal() == global && tile.tokens() > 0)
        .map(
            tile ->
                "\n\n%s%s%s\n\n".formatted(beginToken, imageToken.repeat(tile.tokens()), endToken))
        .collect(Collectors.joining(" "));
  }
}
