package dev.squint.llm.prompt;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Phi-3.5-vision: all crops together row by row as if they were one picture, a separator, then the
 * global view; a vector ends each row ({@code modeling_phi3_v.py} beside its weights). A row that
 * has lost all its tokens is not ended, and a global view that has lost all has no separator.
 *
 * @param imageToken stands for one visual token or vector
 */
record HdPictureText(String imageToken) implements PictureText {

  @Override
  public String of(List<TileTokens> tiles) {
    return imageToken.repeat(slots(tiles).length);
  }

  @Override
  public int[] slots(List<TileTokens> tiles) {
    List<TokenPlace> crops = new ArrayList<>(TokenPlace.of(tiles));
    List<TokenPlace> global = new ArrayList<>(crops);
    crops.removeIf(place -> place.tile().isGlobal());
    global.removeIf(place -> !place.tile().isGlobal());
    List<Integer> slots = new ArrayList<>();
    addRows(crops, slots);
    if (!global.isEmpty()) {
      slots.add(SEPARATOR);
    }
    addRows(global, slots);
    return slots.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void addRows(List<TokenPlace> places, List<Integer> slots) {
    places.sort(Comparator.comparingInt(TokenPlace::row).thenComparingInt(TokenPlace::col));
    for (int i = 0; i < places.size(); i++) {
      slots.add(places.get(i).token());
      if (i + 1 == places.size() || places.get(i + 1).row() != places.get(i).row()) {
        slots.add(LINE_BREAK);
      }
    }
  }
}
