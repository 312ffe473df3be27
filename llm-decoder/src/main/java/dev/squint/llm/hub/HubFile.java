package dev.squint.llm.hub;

import dev.squint.vision.io.ContentHash;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file of a package as the hub lists it.
 *
 * @param path inside the package, with slashes
 * @param size bytes; -1 if the hub does not say
 * @param hash 64 hexadecimal digits are a SHA-256 of the content, 40 a SHA-1 as git makes it of a
 *     blob; empty if the hub does not say
 */
record HubFile(String path, long size, String hash) {

  /** Empty if the file has the announced size and checksum; else how it differs. */
  String mismatch(Path file) throws IOException {
    long found = Files.size(file);
    if (size >= 0 && found != size) {
      return "has %d bytes instead of %d".formatted(found, size);
    }
    if (hash.isEmpty()) {
      return "";
    }
    String actual = hash.length() == 64 ? ContentHash.of(file) : gitSha1(file);
    return actual.equals(hash) ? "" : "has the checksum %s instead of %s".formatted(actual, hash);
  }

  private static String gitSha1(Path file) throws IOException {
    MessageDigest digest = sha1();
    digest.update("blob %d\0".formatted(Files.size(file)).getBytes(StandardCharsets.US_ASCII));
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
