package dev.squint.llm.prompt;

import java.util.List;

/**
 * InternVL: all tiles of a picture, one after the other, between a begin and an end token
 * (transformers, {@code processing_internvl.py}). A picture that has no tokens left is not
 * mentioned.
 *
 * @param imageToken stands for one visual token
 * @param beginToken stands before the tokens of a picture
 * @param endToken stands after them
 */
record EnclosedPictureText(String imageToken, String beginToken, String endToken)
    implements PictureText {

  @Override
  public String of(List<TileTokens> tiles) {
    String tokens = PictureText.plain(imageToken).of(tiles);
    return tokens.isEmpty() ? "" : beginToken + tokens + endToken;
  }
}
