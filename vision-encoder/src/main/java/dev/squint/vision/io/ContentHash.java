package dev.squint.vision.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The SHA-256 hash of content that is added part by part. The hash is cryptographic because users
 * of a server must not be able to produce content with the hash of someone else's. Not thread-safe.
 */
public final class ContentHash {

  private static final int BUFFER_BYTES = 1 << 16;

  private final MessageDigest digest;

  /** Starts with no content. */
  public ContentHash() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The hash of some bytes, in hexadecimal digits. */
  public static String of(byte[] content) {
    return new ContentHash().with(content).hex();
  }

  /** The hash of a text in UTF-8, in hexadecimal digits. */
  public static String of(String content) {
    return new ContentHash().with(content).hex();
  }

  /** The hash of a file, in hexadecimal digits. */
  public static String of(Path file) throws IOException {
    return new ContentHash().with(file).hex();
  }

  /** Adds bytes. */
  public ContentHash with(byte[] part) {
    digest.update(part);
    return this;
  }

  /** Adds the bytes that remain in a buffer. */
  public ContentHash with(ByteBuffer part) {
    digest.update(part);
    return this;
  }

  /** Adds a text in UTF-8. */
  public ContentHash with(String part) {
    return with(part.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds the content of a file. */
  public ContentHash with(Path file) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return this;
  }

  /** Returns the hash, 32 bytes, and resets this object to no content. */
  public byte[] bytes() {
    return digest.digest();
  }

  /** Returns the hash in 64 hexadecimal digits and resets this object to no content. */
  public String hex() {
    return HexFormat.of().formatHex(bytes());
  }
}
