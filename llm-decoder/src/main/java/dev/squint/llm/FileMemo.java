package dev.squint.llm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was read from a few files. A file is read again when its size or time has changed.
 * Thread-safe.
 */
final class FileMemo<T> {

  private static final int MOST = 16;

  private final Map<Path, Known<T>> known = new LinkedHashMap<>(MOST, 0.75f, true);

  private record Known<T>(long size, FileTime modified, T value) {}

  /** Reads a file. */
  @FunctionalInterface
  interface Reading<T> {
    T read(Path file) throws IOException;
  }

  /**
   * What is in a file.
   *
   * @throws IOException if it cannot be read
   */
  synchronized T get(Path file, Reading<T> reading) throws IOException {
    // Taken first, so that a file that changes while it is read is read again.
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    Known<T> before = known.get(file);
    if (before != null
        && before.size() == now.size()
        && before.modified().equals(now.lastModifiedTime())) {
      return before.value();
    }
    T value = reading.read(file);
    known.put(file, new Known<>(now.size(), now.lastModifiedTime(), value));
    if (known.size() > MOST) {
      known.remove(known.keySet().iterator().next());
    }
    return value;
  }
}
