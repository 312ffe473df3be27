package dev.squint.vision.onnx.graph;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A folder of files that can be recreated. Every file is written under a temporary name and then
 * moved, so a file is either complete or absent, even if two processes write at once or one is
 * killed.
 *
 * @param folder the folder; created at the first write
 */
public record GraphCache(Path folder) {

  private static final String UNFINISHED = ".unfinished";
  private static final Duration ABANDONED = Duration.ofHours(1);

  /**
   * The user's cache folder: {@code squint} in {@code XDG_CACHE_HOME} or, if that is not set, in
   * {@code ~/.cache}. The system property {@code squint.cache} overrides it.
   */
  public static GraphCache ofUser() {
    return new GraphCache(
        userFolder(
            System.getProperty("squint.cache"),
            System.getenv("XDG_CACHE_HOME"),
            System.getProperty("user.home")));
  }

  static Path userFolder(@Nullable String chosen, @Nullable String caches, @Nullable String home) {
    if (chosen != null && !chosen.isBlank()) {
      return Path.of(chosen);
    }
    // The XDG specification requires relative paths to be ignored.
    if (caches != null && Path.of(caches).isAbsolute()) {
      return Path.of(caches, "squint");
    }
    return Path.of(home == null ? "" : home, ".cache", "squint");
  }

  /** Writes the content of a new file. */
  @FunctionalInterface
  interface Content {
    void write(FileChannel channel) throws IOException;
  }

  /**
   * Writes a file into a folder of the cache; replaces a file of the same name.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  static void put(Path folder, String name, Content content) {
    Path file = folder.resolve(name);
    try {
      Files.createDirectories(folder);
      deleteAbandoned(folder);
      Path unfinished = Files.createTempFile(folder, name, UNFINISHED);
      try {
        try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
          content.write(channel);
          channel.force(true);
        }
        move(unfinished, file);
      } finally {
        Files.deleteIfExists(unfinished);
      }
    } catch (IOException e) {
      throw notWritten(file, e);
    }
  }

  /**
   * Creates a folder of the cache before work is done whose result it shall hold.
   *
   * @throws UncheckedIOException if no file can be written into it
   */
  static void create(Path folder) {
    try {
      Files.createDirectories(folder);
      if (!Files.isWritable(folder)) {
        throw new AccessDeniedException(folder.toString());
      }
    } catch (IOException e) {
      throw notWritten(folder, e);
    }
  }

  private static UncheckedIOException notWritten(Path file, IOException cause) {
    return new UncheckedIOException(
        "cannot write %s; choose another folder with -Dsquint.cache".formatted(file), cause);
  }

  private static void move(Path unfinished, Path file) throws IOException {
    try {
      Files.move(
          unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (FileSystemException e) {
      // Some systems do not replace a file in use; then another process has written the same file.
      if (!Files.isRegularFile(file) || Files.size(file) != Files.size(unfinished)) {
        throw e;
      }
    }
  }

  private static void deleteAbandoned(Path folder) throws IOException {
    FileTime limit = FileTime.from(Instant.now().minus(ABANDONED));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + UNFINISHED)) {
      for (Path file : files) {
        try {
          if (Files.getLastModifiedTime(file).compareTo(limit) < 0) {
            Files.deleteIfExists(file);
          }
        } catch (NoSuchFileException finished) {
          // Another process finished and moved this file after the folder was listed.
        }
      }
    }
  }
}
