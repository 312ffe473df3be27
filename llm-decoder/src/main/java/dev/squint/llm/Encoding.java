package dev.squint.llm;

/**
 * How much of the pictures the encoder saw.
 *
 * @param tiles tiles that the model cuts the pictures into
 * @param encodedTiles tiles that went through the encoder, for this answer or an earlier one
 * @param encodedTokens visual tokens whose patches went through the encoder's layers, for this
 *     answer or an earlier one; fewer than those of the encoded tiles where a plan leaves out
 *     groups of patches
 * @param visualTokens visual tokens that the pictures have if all tiles are encoded in full size
 */
public record Encoding(int tiles, int encodedTiles, int encodedTokens, int visualTokens) {

  static final Encoding NONE = new Encoding(0, 0, 0, 0);
}
