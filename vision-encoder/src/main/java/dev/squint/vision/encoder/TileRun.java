package dev.squint.vision.encoder;

import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.tile.TiledImage;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Tiles of one size that the encoder processes in one run.
 *
 * @param spans parts of the request's pictures, in order
 */
record TileRun(List<Span> spans) {

  /**
   * Consecutive tiles of one picture.
   *
   * @param frame index of the picture in the request
   * @param from index of the first tile
   * @param to index after the last tile
   */
  record Span(int frame, TiledImage picture, int from, int to) {

    int tiles() {
      return to - from;
    }

    /** The pixel values, [tiles, 3, H, W], not copied. */
    FloatBuffer pixels() {
      int tile = picture.pixels().remaining() / picture.tiles().size();
      return picture.pixels().slice(from * tile, tiles() * tile);
    }
  }

  /**
   * Divides the tiles of a request into runs.
   *
   * @param maxPixels maximum number of pixels in a run of several tiles
   * @param maxTiles maximum number of tiles in a run
   */
  static List<TileRun> divide(List<TiledImage> pictures, int maxPixels, int maxTiles) {
    List<TileRun> runs = new ArrayList<>();
    List<Span> spans = new ArrayList<>();
    int room = 0;
    for (int frame = 0; frame < pictures.size(); frame++) {
      TiledImage picture = pictures.get(frame);
      int limit = maxPixels / (picture.tileWidth() * picture.tileHeight());
      limit = Math.max(1, Math.min(maxTiles, limit));
      int done = 0;
      while (done < picture.tiles().size()) {
        if (room == 0 || !sameShape(spans, picture)) {
          spans = new ArrayList<>();
          runs.add(new TileRun(spans));
          room = limit;
        }
        int take = Math.min(room, picture.tiles().size() - done);
        spans.add(new Span(frame, picture, done, done + take));
        done += take;
        room -= take;
      }
    }
    return runs;
  }

  private static boolean sameShape(List<Span> spans, TiledImage picture) {
    TiledImage first = spans.get(0).picture();
    return first.tileWidth() == picture.tileWidth() && first.tileHeight() == picture.tileHeight();
  }

  int tiles() {
    return spans.stream().mapToInt(Span::tiles).sum();
  }

  int tileWidth() {
    return spans.get(0).picture().tileWidth();
  }

  int tileHeight() {
    return spans.get(0).picture().tileHeight();
  }

  /**
   * The pixel values, [tiles, 3, H, W], in a direct buffer; copied only if the tiles belong to
   * several pictures.
   */
  FloatBuffer pixels() {
    if (spans.size() == 1) {
      return spans.get(0).pixels();
    }
    int length = spans.stream().mapToInt(span -> span.pixels().remaining()).sum();
    FloatBuffer together = DirectBuffers.floats(length);
    spans.forEach(span -> together.put(span.pixels()));
    return together.flip();
  }
}
