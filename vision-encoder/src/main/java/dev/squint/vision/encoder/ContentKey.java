package dev.squint.vision.encoder;

import dev.squint.vision.tile.TiledImage;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A name for the content of tiles. Cryptographic, because a server's users must not be able to
 * plant answers about pictures of others.
 */
final class ContentKey {

  private static final int BLOCK_BYTES = 1 << 16;

  private final MessageDigest digest;

  ContentKey() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  ContentKey with(String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** Adds pixels, and how an encoder is given them as tiles of this picture. */
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
      digest.update(block);
    }
    return this;
  }

  String text() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
