package dev.squint.vision.tile;

import dev.squint.pruner.Tile;
import dev.squint.vision.io.ContentHash;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Encoder input for one picture: tiles of pixel values, [T, 3, tileHeight, tileWidth], and their
 * positions on the picture. Frames that an encoder takes together count as one picture.
 *
 * @param picture size of the original picture
 * @param tile size of a tile
 * @param tiles positions of the tiles, [T], in the order of the prompt
 * @param patchLayout layout of patches, or null if the encoder takes tiles
 * @param frames number of frames that each tile spans, 1 for pictures
 * @param pixels [T, frames, 3, tileHeight, tileWidth] in a direct buffer
 * @param kept the groups of patches of each tile that are encoded, [T]; empty if all are
 * @param contents hashes of what determines the pixels of each tile, [T], which cost less than
 *     those of the pixels; empty if they are not known
 */
public record TiledImage(
    Dimensions picture,
    Dimensions tile,
    List<TilePlacement> tiles,
    @Nullable PatchLayout patchLayout,
    int frames,
    FloatBuffer pixels,
    List<KeptGroups> kept,
    List<String> contents) {

  /**
   * Checks that the buffer fits the tiles.
   *
   * @throws IllegalArgumentException if there are no tiles, the buffer has another size, or groups
   *     or contents are of another number of tiles
   */
  public TiledImage {
    tiles = List.copyOf(tiles);
    kept = List.copyOf(kept);
    if (!kept.isEmpty() && kept.size() != tiles.size()) {
      throw new IllegalArgumentException(
          "groups of patches are kept of %d tiles but there are %d"
              .formatted(kept.size(), tiles.size()));
    }
    contents = List.copyOf(contents);
    if (!contents.isEmpty() && contents.size() != tiles.size()) {
      throw new IllegalArgumentException(
          "contents are known of %d tiles but there are %d"
              .formatted(contents.size(), tiles.size()));
    }
    pixels = pixels.asReadOnlyBuffer();
    long expected = 3L * tile.width() * tile.height() * frames * tiles.size();
    if (expected <= 0 || pixels.remaining() != expected) {
      throw new IllegalArgumentException(
          "%d tiles of %d x %d pixels need %d values but have %d"
              .formatted(tiles.size(), tile.width(), tile.height(), expected, pixels.remaining()));
    }
  }

  /** With all groups of patches, and contents that are not known. */
  public TiledImage(
      Dimensions picture,
      Dimensions tile,
      List<TilePlacement> tiles,
      @Nullable PatchLayout patchLayout,
      int frames,
      FloatBuffer pixels) {
    this(picture, tile, tiles, patchLayout, frames, pixels, List.of(), List.of());
  }

  /** Makes the input for one picture or a single frame. */
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

  /** Width of the original picture, in pixels. */
  public int pictureWidth() {
    return picture.width();
  }

  /** Height of the original picture, in pixels. */
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

  /** The pixel values, [T, frames, 3, tileHeight, tileWidth]; a read-only view. */
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

  /**
   * Returns the same picture with only these tiles, in the given order. Pixels are copied unless
   * the tiles follow each other.
   */
  public TiledImage only(int... chosen) {
    return new TiledImage(
        picture,
        tile,
        IntStream.of(chosen).mapToObj(tiles::get).toList(),
        patchLayout,
        frames,
        pixelsOf(chosen),
        kept.isEmpty() ? kept : IntStream.of(chosen).mapToObj(kept::get).toList(),
        contents.isEmpty() ? contents : IntStream.of(chosen).mapToObj(contents::get).toList());
  }

  private FloatBuffer pixelsOf(int[] chosen) {
    int values = 3 * tile.width() * tile.height() * frames;
    int length = Math.multiplyExact(values, chosen.length);
    boolean following =
        IntStream.range(1, chosen.length).allMatch(i -> chosen[i] == chosen[i - 1] + 1);
    if (following && chosen.length > 0) {
      return pixels.slice(chosen[0] * values, length);
    }
    FloatBuffer copy = DirectBuffers.floats(length);
    for (int index : chosen) {
      copy.put(pixels.slice(index * values, values));
    }
    return copy.flip();
  }

  /** The same picture, of which only these groups of patches are encoded, [T]. */
  public TiledImage keeping(List<KeptGroups> groups) {
    return new TiledImage(picture, tile, tiles, patchLayout, frames, pixels, groups, contents);
  }

  /** The same picture with hashes of what determines the pixels of each tile, [T]. */
  TiledImage withContents(List<String> hashes) {
    return new TiledImage(picture, tile, tiles, patchLayout, frames, pixels, kept, hashes);
  }

  /**
   * Returns the same picture with other positions of its tiles.
   *
   * @param size of the original picture
   * @param positions [T]
   */
  TiledImage placed(Dimensions size, List<TilePlacement> positions) {
    return new TiledImage(size, tile, positions, patchLayout, frames, pixels, kept, contents);
  }

  /** Whether some patches of a tile are not encoded. */
  public boolean isPartial() {
    return kept.stream().anyMatch(groups -> !groups.isAll());
  }

  /**
   * Joins pictures of one tile each as frames of one input.
   *
   * @param pictures tiled pictures of equal size
   */
  static TiledImage together(List<TiledImage> pictures) {
    TiledImage first = pictures.get(0);
    FloatBuffer pixels =
        DirectBuffers.floats(Math.multiplyExact(first.pixels.remaining(), pictures.size()));
    pictures.forEach(picture -> pixels.put(picture.pixels()));
    TiledImage joined =
        new TiledImage(
            first.picture,
            first.tile,
            first.tiles,
            first.patchLayout,
            pictures.size(),
            pixels.flip());
    List<String> contents = pictures.stream().flatMap(each -> each.contents.stream()).toList();
    return contents.size() < pictures.size()
        ? joined
        : joined.withContents(List.of(ContentHash.of(String.join(" ", contents))));
  }

  /** A tile before its pixels are converted to floats. */
  record Cut(Picture tile, TilePlacement placement) {}

  /** Scales tiles of equal size. */
  static TiledImage of(
      Picture picture, List<Cut> cuts, PixelScaling scaling, @Nullable PatchLayout patchLayout) {
    Picture first = cuts.get(0).tile();
    float[] planes = new float[first.rgb().length];
    FloatBuffer pixels = DirectBuffers.floats(Math.multiplyExact(planes.length, cuts.size()));
    List<String> contents = new ArrayList<>();
    for (Cut cut : cuts) {
      if (cut.tile().width() != first.width() || cut.tile().height() != first.height()) {
        throw new IllegalArgumentException(
            "tiles must have one size but there are %d x %d and %d x %d pixels"
                .formatted(first.width(), first.height(), cut.tile().width(), cut.tile().height()));
      }
      scaling.write(cut.tile(), planes);
      pixels.put(planes);
      contents.add(scaling.content(cut.tile()));
    }
    return new TiledImage(
            picture.width(),
            picture.height(),
            first.width(),
            first.height(),
            cuts.stream().map(Cut::placement).toList(),
            patchLayout,
            pixels.flip())
        .withContents(contents);
  }
}
