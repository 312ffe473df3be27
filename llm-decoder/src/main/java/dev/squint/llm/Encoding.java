package dev.squint.llm;

/**
 * How much of the pictures the encoder saw.
 *
 * @param tiles tiles that the plan can choose from: those of the pictures in full size, or those of
 *     enlarged ones, with the crops of a coarser level; at least {@code encodedTiles}
 * @param encodedTiles tiles that went through the encoder, for this answer or an earlier one
 * @param encodedTokens visual tokens whose patches went through the encoder's layers, for this
 *     answer or an earlier one; fewer than those of the encoded tiles where a plan leaves out
 *     groups of patches
 * @param visualTokens visual tokens that the pictures have without a plan; a plan that enlarges
 *     pictures may encode and keep more
 */
public record Encoding(int tiles, int encodedTiles, int encodedTokens, int visualTokens) {

  static final Encoding NONE = new Encoding(0, 0, 0, 0);
}
