package dev.squint.llm.prompt;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The encoder's token of the whole picture, then one image token for each visual token
 * (Florence-2).
 *
 * @param imageToken stands for one visual token
 */
record SummarisedPictureText(String imageToken) implements PictureText {

  @Override
  public String of(List<TileTokens> tiles) {
    return imageToken + PictureText.plain(imageToken).of(tiles);
  }

  @Override
  public int[] slots(List<TileTokens> tiles) {
    return IntStream.concat(IntStream.of(LINE_BREAK), IntStream.of(PictureText.super.slots(tiles)))
        .toArray();
  }
}
