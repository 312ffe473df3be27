package dev.squint.eval.run;

import dev.squint.eval.data.Question;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** SHA-256 of what a run depends on. */
public final class Fingerprint {

  private static final int BUFFER = 1 << 16;

  private Fingerprint() {}

  /** Of all files of a folder, their names included. */
  public static String of(Path folder) {
    MessageDigest digest = sha256();
    try (var walk = Files.walk(folder)) {
      List<Path> files = walk.filter(Files::isRegularFile).sorted().toList();
      byte[] buffer = new byte[BUFFER];
      for (Path file : files) {
        String name = folder.relativize(file).toString().replace('\\', '/');
        digest.update("%s %d\n".formatted(name, Files.size(file)).getBytes(StandardCharsets.UTF_8));
        try (InputStream in = Files.newInputStream(file)) {
          for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            digest.update(buffer, 0, n);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be read", e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Of the questions as they are asked, with the names of their pictures. */
  public static String of(Assignment assignment) {
    MessageDigest digest = sha256();
    digest.update("%d\n".formatted(assignment.task().maxTokens()).getBytes(StandardCharsets.UTF_8));
    for (Question question : assignment.set().questions()) {
      String asked = "%s\n%s\n".formatted(question, assignment.prompt(question));
      digest.update(asked.getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
