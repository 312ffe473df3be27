package dev.squint.llm.prompt;

import java.util.List;

/**
 * One picture, or the frames of a video, as they are written into a prompt.
 *
 * @param spans what is left of its tiles; those of a span have their positions from one start
 * @param text what takes the place of its placeholder
 * @param slots what stands at each image token of the text, see {@link PictureText#slots}
 * @param first number of its first token among those of all pictures
 * @param timeStep positions from a tile of a span to the next, in time
 */
record PictureTokens(
    List<List<TileTokens>> spans, String text, int[] slots, int first, double timeStep) {

  /** In {@link #slots}: nothing, the image token only marks where the picture was. */
  static final int GONE = -2;

  static PictureTokens of(List<TileTokens> tiles, PictureText way, int first) {
    return new PictureTokens(List.of(tiles), way.of(tiles), way.slots(tiles), first, 0);
  }

  /** The same picture; if nothing is left of it, marked by one image token. */
  PictureTokens marked(String imageToken) {
    return slots.length > 0
        ? this
        : new PictureTokens(
            spans.subList(0, 1), text + imageToken, new int[] {GONE}, first, timeStep);
  }

  /** The tiles whose positions begin at a slot; none for most slots. */
  List<TileTokens> startingAt(int slot) {
    int token = 0;
    for (List<TileTokens> span : spans) {
      if (token == slot) {
        return span;
      }
      token += count(span);
    }
    return List.of();
  }

  int tokens() {
    return spans.stream().mapToInt(PictureTokens::count).sum();
  }

  private static int count(List<TileTokens> span) {
    return span.stream().mapToInt(TileTokens::tokens).sum();
  }
}
