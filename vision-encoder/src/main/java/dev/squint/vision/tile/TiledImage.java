package dev.squint.vision.tile;

import dev.squint.pruner.Tile;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A picture as an encoder takes it: tiles of pixel values, [T, 3, tileHeight, tileWidth], and where
 * each lies on the picture. Frames of a video that an encoder takes together are one such picture.
 *
 * @param picture size of the picture as it was given
 * @param tile size of a tile
 * @param tiles where the tiles lie, [T], in the order of the prompt
 * @param patchLayout how the encoder wants patches instead of tiles, or null if it takes tiles
 * @param frames how many frames of a video each tile spans, 1 for pictures
 * @param pixels [T, frames, 3, tileHeight, tileWidth] in a direct buffer
 */
public record TiledImage(
    Dimensions picture,
    Dimensions tile,
    List<TilePlacement> tiles,
    @Nullable PatchLayout patchLayout,
    int frames,
    FloatBuffer pixels) {

  /**
   * Checks that the buffer fits the tiles.
   *
   * @throws IllegalArgumentException if there are no tiles or the buffer has another size
   */
  public TiledImage {
    tiles = List.copyOf(tiles);
    pixels = pixels.asReadOnlyBuffer();
    long expected = 3L * tile.width() * tile.height() * frames * tiles.size();
    if (expected <= 0 || pixels.remaining() != expected) {
      throw new IllegalArgumentException(
          "%d tiles of %d x %d pixels need %d values but have %d"
              .formatted(tiles.size(), tile.width(), tile.height(), expected, pixels.remaining()));
    }
  }

  /** Of one picture, or one frame alone. */
  public TiledImage(
      int pictureWidth,
      int pictureHeight,
      int tileWidth,
      int tileHeight,
      List<TilePlacement> tiles,
      @Nullable PatchLayout patchLayout,
      FloatBuffer pixels) {
    this(
        new Dimensions(pictureWidth, pictureHeight),
        new Dimensions(tileWidth, tileHeight),
        tiles,
        patchLayout,
        1,
        pixels);
  }

  /** Width of the picture as it was given, in pixels. */
  public int pictureWidth() {
    return picture.width();
  }

  /** Height of the picture as it was given, in pixels. */
  public int pictureHeight() {
    return picture.height();
  }

  /** Width of a tile, in pixels. */
  public int tileWidth() {
    return tile.width();
  }

  /** Height of a tile, in pixels. */
  public int tileHeight() {
    return tile.height();
  }

  /**
   * The pixel values, [T, frames, 3, tileHeight, tileWidth]; a view of its own that cannot be
   * written.
   */
  @Override
  public FloatBuffer pixels() {
    return pixels.duplicate();
  }

  /** Rows of crops, 0 if there is only the global view. */
  public int cropRows() {
    return ofCrops(Tile.Crop::gridRows);
  }

  /** Columns of crops, 0 if there is only the global view. */
  public int cropCols() {
    return ofCrops(Tile.Crop::gridCols);
  }

  private int ofCrops(ToIntFunction<Tile.Crop> size) {
    return tiles.stream()
        .map(TilePlacement::crop)
        .filter(Objects::nonNull)
        .mapToInt(size)
        .max()
        .orElse(0);
  }

  /** The same picture with these tiles alone, in the given order; their pixels are copied. */
  public TiledImage only(int... chosen) {
    int values = 3 * tile.width() * tile.height() * frames;
    FloatBuffer copy = DirectBuffers.floats(Math.multiplyExact(values, chosen.length));
    for (int index : chosen) {
      copy.put(pixels.slice(index * values, values));
    }
    return new TiledImage(
        picture,
        tile,
        IntStream.of(chosen).mapToObj(tiles::get).toList(),
        patchLayout,
        frames,
        copy.flip());
  }

  /**
   * Pictures of one tile each as the frames of one.
   *
   * @param pictures of the same size, as they are tiled
   */
  static TiledImage together(List<TiledImage> pictures) {
    TiledImage first = pictures.get(0);
    FloatBuffer pixels =
        DirectBuffers.floats(Math.multiplyExact(first.pixels.remaining(), pictures.size()));
    pictures.forEach(picture -> pixels.put(picture.pixels()));
    return new TiledImage(
        first.picture, first.tile, first.tiles, first.patchLayout, pictures.size(), pixels.flip());
  }

  /** A tile before its pixels become floats. */
  record Cut(Picture tile, TilePlacement placement) {}

  /** Scales tiles of equal size. */
  static TiledImage of(
      Picture picture, List<Cut> cuts, PixelScaling scaling, @Nullable PatchLayout patchLayout) {
    Picture first = cuts.get(0).tile();
    float[] planes = new float[first.rgb().length];
    FloatBuffer pixels = DirectBuffers.floats(Math.multiplyExact(planes.length, cuts.size()));
    for (Cut cut : cuts) {
      if (cut.tile().width() != first.width() || cut.tile().height() != first.height()) {
        throw new IllegalArgumentException(
            "tiles must have one size but there are %d x %d and %d x %d pixels"
                .formatted(first.width(), first.height(), cut.tile().width(), cut.tile().height()));
      }
      scaling.write(cut.tile(), planes);
      pixels.put(planes);
    }
    return new TiledImage(
        picture.width(),
        picture.height(),
        first.width(),
        first.height(),
        cuts.stream().map(Cut::placement).toList(),
        patchLayout,
        pixels.flip());
  }
}
