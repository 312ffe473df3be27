package dev.squint.llm.prompt;

import java.util.List;

/**
 * One picture as it is written into a prompt.
 *
 * @param tiles what is left of its tiles
 * @param text what takes the place of its placeholder
 * @param slots what stands at each image token of the text, see {@link PictureText#slots}
 * @param first number of its first token among those of all pictures
 */
record PictureTokens(List<TileTokens> tiles, String text, int[] slots, int first) {

  /** In {@link #slots}: nothing, the image token only marks where the picture was. */
  static final int GONE = -2;

  static PictureTokens of(List<TileTokens> tiles, PictureText way, int first) {
    return new PictureTokens(tiles, way.of(tiles), way.slots(tiles), first);
  }

  /** The same picture; if nothing is left of it, marked by one image token. */
  PictureTokens marked(String imageToken) {
    return slots.length > 0
        ? this
        : new PictureTokens(tiles, text + imageToken, new int[] {GONE}, first);
  }

  int tokens() {
    return tiles.stream().mapToInt(TileTokens::tokens).sum();
  }
}
