package dev.squint.vision.encoder;

import dev.squint.vision.io.ContentHash;
import dev.squint.vision.tile.TiledImage;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * The cache key of tiles: a hash of their content. What determines the pixels is hashed if it is
 * known, {@link TiledImage#contents()}, because it is a quarter of the pixels or less. All hashes
 * are SHA-256: users share a cache and a store, so none must be able to make a picture with the
 * hash of another's, which rules out hashes that are only fast. A keyed hash would do in one
 * process, but not for a store of several.
 */
final class ContentKey {

  private static final int BLOCK_BYTES = 1 << 16;

  private final ContentHash hash = new ContentHash();

  ContentKey with(String text) {
    hash.with(text);
    return this;
  }

  /** Adds the pixels of all tiles of a picture, and how they are laid out. */
  ContentKey with(TiledImage picture) {
    if (picture.contents().isEmpty()) {
      return withLayout(picture, "floats").withFloats(picture.pixels());
    }
    return withLayout(picture, "contents").with(String.join(" ", picture.contents()));
  }

  /** Adds the pixels of one tile of a picture, and how they are laid out. */
  ContentKey with(TiledImage picture, int tile) {
    if (picture.contents().isEmpty()) {
      int size = picture.pixels().remaining() / picture.tiles().size();
      return withLayout(picture, "floats").withFloats(picture.pixels().slice(tile * size, size));
    }
    return withLayout(picture, "contents").with(picture.contents().get(tile));
  }

  private ContentKey withLayout(TiledImage picture, String what) {
    return with(
        "%s of %d %d %d %s;"
            .formatted(
                what,
                picture.tileWidth(),
                picture.tileHeight(),
                picture.frames(),
                picture.patchLayout()));
  }

  private ContentKey withFloats(FloatBuffer pixels) {
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
    while (pixels.hasRemaining()) {
      int values = Math.min(pixels.remaining(), block.capacity() / Float.BYTES);
      block.clear().limit(values * Float.BYTES);
      block.asFloatBuffer().put(pixels.slice().limit(values));
      pixels.position(pixels.position() + values);
      hash.with(block);
    }
    return this;
  }

  String text() {
    return hash.hex();
  }
}
