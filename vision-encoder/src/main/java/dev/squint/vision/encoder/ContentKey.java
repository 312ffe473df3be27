package dev.squint.vision.encoder;

import dev.squint.vision.io.ContentHash;
import dev.squint.vision.tile.TiledImage;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** The cache key of tiles: a hash of their content. */
final class ContentKey {

  private static final int BLOCK_BYTES = 1 << 16;

  private final ContentHash hash = new ContentHash();

  ContentKey with(String text) {
    hash.with(text);
    return this;
  }

  /** Adds pixels, and the tile size, frame count and patch layout of the picture they belong to. */
  ContentKey with(TiledImage picture, FloatBuffer pixels) {
    with(
        "%d %d %d %s;"
            .formatted(
                picture.tileWidth(),
                picture.tileHeight(),
                picture.frames(),
                picture.patchLayout()));
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
