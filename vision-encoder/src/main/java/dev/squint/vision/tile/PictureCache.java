package dev.squint.vision.tile;

import dev.squint.vision.io.ContentHash;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decoded pictures by the content of their files, and the tiles of pictures, so that a second
 * question about a file neither decodes nor resizes it. What was used least recently is dropped
 * first. Thread-safe.
 */
public final class PictureCache {

  /** One picture of 17 tiles of 512 x 512 pixels with its tiles, or some 30 of one tile. */
  public static final long DEFAULT_MAX_BYTES = 128L << 20;

  private final long maxBytes;
  private final Map<Object, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /**
   * Makes an empty cache.
   *
   * @param maxBytes of pixels that are kept; 0 keeps nothing
   * @throws IllegalArgumentException if it is negative
   */
  public PictureCache(long maxBytes) {
    if (maxBytes < 0) {
      throw new IllegalArgumentException(
          "the cache of pictures holds 0 (none) or more bytes but was given " + maxBytes);
    }
    this.maxBytes = maxBytes;
  }

  private record Entry(Object value, long bytes) {}

  /** A file, and what of its reader its pixels depend on or are limited by. */
  private record FileKey(
      String hash, long maxPixels, boolean firstFrameOfAnimations, OptionalInt background) {}

  /** Pictures have no content to compare: each is itself. */
  private record TilesKey(Object way, Picture picture) {}

  /** Bytes of pixels that are kept. */
  public synchronized long bytes() {
    return bytes;
  }

  /**
   * Reads an encoded picture, or returns what an equal reader gave for the same bytes.
   *
   * @param name what error messages call it
   * @throws IllegalArgumentException as {@link PictureReader#read(byte[], String)}
   * @throws java.util.concurrent.CancellationException as there
   */
  public Picture read(PictureReader reader, byte[] encoded, String name) {
    if (maxBytes == 0) {
      return reader.read(encoded, name);
    }
    FileKey key =
        new FileKey(
            ContentHash.of(encoded),
            reader.maxPixels(),
            reader.firstFrameOfAnimations(),
            reader.background());
    Object known = find(key);
    if (known != null) {
      return (Picture) known;
    }
    Picture picture = reader.read(encoded, name);
    return (Picture) keep(key, picture, picture.rgb().length);
  }

  /** A tiler that remembers the tiles of pictures; the same objects are the same pictures. */
  public ImageTiler remembering(ImageTiler tiler) {
    return maxBytes == 0 ? tiler : new Remembering(tiler);
  }

  /**
   * The tiles of a picture; the same object is the same picture.
   *
   * @param way what the tiles depend on beside the picture; compared by {@code equals}
   * @param make makes them if they are not there
   */
  public TiledImage tiles(Picture picture, Object way, Supplier<TiledImage> make) {
    if (maxBytes == 0) {
      return make.get();
    }
    TilesKey key = new TilesKey(way, picture);
    Object known = find(key);
    if (known != null) {
      return (TiledImage) known;
    }
    TiledImage tiles = make.get();
    // The key holds the picture, whether or not it is an entry too.
    long size = picture.rgb().length + tiles.pixels().remaining() * (long) Float.BYTES;
    return (TiledImage) keep(key, tiles, size);
  }

  private synchronized @Nullable Object find(Object key) {
    Entry entry = entries.get(key);
    return entry == null ? null : entry.value();
  }

  /** Keeps a value; returns the one that another thread has kept meanwhile, if there is one. */
  private synchronized Object keep(Object key, Object value, long size) {
    Entry known = entries.get(key);
    if (known != null) {
      return known.value();
    }
    if (size > maxBytes) {
      return value;
    }
    entries.put(key, new Entry(value, size));
    bytes += size;
    Iterator<Entry> oldest = entries.values().iterator();
    while (bytes > maxBytes) {
      bytes -= oldest.next().bytes();
      oldest.remove();
    }
    return value;
  }

  private final class Remembering implements ImageTiler {

    private final ImageTiler tiler;

    Remembering(ImageTiler tiler) {
      this.tiler = tiler;
    }

    @Override
    public TiledImage tile(Picture picture) {
      return PictureCache.this.tiles(picture, tiler, () -> tiler.tile(picture));
    }

    @Override
    public ImageTiler among(int pictures) {
      return new Remembering(tiler.among(pictures));
    }

    @Override
    public Optional<ImageTiler> scaled(double factor) {
      return tiler.scaled(factor).map(Remembering::new);
    }

    @Override
    public int tiles(Dimensions picture) {
      return tiler.tiles(picture);
    }
  }
}
