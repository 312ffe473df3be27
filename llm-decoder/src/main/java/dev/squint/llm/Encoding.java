package dev.squint.llm;

/**
 * How much of the pictures the encoder saw.
 *
 * @param tiles tiles that the model cuts the pictures into
 * @param encodedTiles tiles that went through the encoder, for this answer or an earlier one
 * @param visualTokens visual tokens that the pictures have if all tiles are encoded in full size
 */
public record Encoding(int tiles, int encodedTiles, int visualTokens) {

  static final Encoding NONE = new Encoding(0, 0, 0);
}
