package dev.squint.vision.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Hashes of files, each computed once by this process while its files keep their size and time of
 * change: models of gigabytes are opened again and again. Thread-safe.
 */
public final class FileHashes {

  /** Computes a hash of files. */
  @FunctionalInterface
  public interface Hashing {
    String hash() throws IOException;
  }

  /** A file that is changed twice within this time may keep its time of change. */
  private static final Duration TICK = Duration.ofSeconds(2);

  private static final int MOST = 256;
  private static final FileHashes SINGLE = new FileHashes();

  private record State(Path file, long bytes, FileTime modified, @Nullable Object key) {

    static State of(Path file) throws IOException {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new State(file.toAbsolutePath(), now.size(), now.lastModifiedTime(), now.fileKey());
    }

    boolean isOlderThan(Instant time) {
      return modified.toInstant().isBefore(time);
    }
  }

  private record Key(Path of, List<State> states) {}

  private final Map<Key, String> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, String> eldest) {
          return size() > MOST;
        }
      };

  /** The SHA-256 hash of a file's content, in hexadecimal digits. */
  public static String of(Path file) throws IOException {
    return SINGLE.of(file, List.of(file), () -> ContentHash.of(file));
  }

  /**
   * The hash of some files.
   *
   * @param of what is hashed; hashes of other things are kept apart
   * @param files all files that the hash depends on
   * @param hashing computes it
   */
  public String of(Path of, List<Path> files, Hashing hashing) throws IOException {
    List<State> states = new ArrayList<>();
    for (Path file : files) {
      states.add(State.of(file));
    }
    Key key = new Key(of.toAbsolutePath(), states);
    synchronized (known) {
      String hash = known.get(key);
      if (hash != null) {
        return hash;
      }
    }
    Instant settled = Instant.now().minus(TICK);
    String hash = hashing.hash();
    if (states.stream().allMatch(state -> state.isOlderThan(settled))) {
      synchronized (known) {
        known.put(key, hash);
      }
    }
    return hash;
  }
}
