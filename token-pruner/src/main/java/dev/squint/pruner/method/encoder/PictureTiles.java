package dev.squint.pruner.method.encoder;

import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The tiles of one picture or video frame, as indices into {@link PatchTokens#tiles}.
 *
 * @param global the global view, or -1 if it has no tokens
 * @param crops the crops, in prompt order
 */
record PictureTiles(int global, List<Integer> crops) {

  /** All pictures of a request, in order. */
  static List<PictureTiles> of(PatchTokens tokens) {
    TreeMap<Integer, PictureTiles> pictures = new TreeMap<>();
    for (int t = 0; t < tokens.tiles().size(); t++) {
      Tile tile = tokens.tiles().get(t);
      PictureTiles picture = pictures.getOrDefault(tile.frame(), new PictureTiles(-1, List.of()));
      if (tile.isGlobal()) {
        boolean gone = tokens.ofTile(t).length == 0;
        pictures.put(tile.frame(), new PictureTiles(gone ? -1 : t, picture.crops));
      } else {
        List<Integer> crops = new ArrayList<>(picture.crops);
        crops.add(t);
        pictures.put(tile.frame(), new PictureTiles(picture.global, crops));
      }
    }
    return List.copyOf(pictures.values());
  }

  /** Whether there are both a global view and crops. */
  boolean commands() {
    return global >= 0 && !crops.isEmpty();
  }

  /** All tiles, the global view first. */
  int[] tiles() {
    IntStream cropTiles = crops.stream().mapToInt(t -> t);
    return (global < 0 ? cropTiles : IntStream.concat(IntStream.of(global), cropTiles)).toArray();
  }
}
