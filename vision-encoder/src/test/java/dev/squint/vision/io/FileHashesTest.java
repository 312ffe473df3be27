package dev.squint.vision.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileHashesTest {

  private static final FileTime OLD = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));
  private static final FileTime OLDER = FileTime.from(Instant.parse("2025-01-01T00:00:00Z"));

  private final FileHashes hashes = new FileHashes();
  private int computed;

  private String hash(Path of, Path... files) throws IOException {
    return hashes.of(of, List.of(files), () -> "hash " + computed++);
  }

  private static void write(Path file, String content, FileTime time) throws IOException {
    Files.writeString(file, content);
    Files.setLastModifiedTime(file, time);
  }

  @Test
  void aFileThatStays_isHashedOnce(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a");
    write(file, "a", OLD);

    assertThat(List.of(hash(file, file), hash(file, file))).containsOnly("hash 0");
    assertThat(hash(folder, file)).as("of something else").isEqualTo("hash 1");
  }

  @Test
  void aChangedSizeOrTime_isHashedAgain(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a");
    Path other = folder.resolve("b");
    write(file, "a", OLD);
    write(other, "b", OLD);
    hash(folder, file, other);

    write(other, "bc", OLD);
    assertThat(hash(folder, file, other)).isEqualTo("hash 1");
    write(other, "bd", OLDER);
    assertThat(hash(folder, file, other)).isEqualTo("hash 2");
    assertThat(hash(folder, file, other)).isEqualTo("hash 2");
  }

  @Test
  void aReplacedFileOfTheSameSizeAndTime_isHashedAgain(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a");
    write(file, "a", OLD);
    Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    assumeThat(key).as("Windows has none").isNotNull();
    String before = FileHashes.of(file);
    Path other = folder.resolve("b");
    write(other, "b", OLD);
    Files.delete(file);
    Files.move(other, file);

    assertThat(FileHashes.of(file)).isEqualTo(ContentHash.of("b")).isNotEqualTo(before);
  }

  @Test
  void aFileThatWasJustWritten_isHashedEachTime(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "a");

    assertThat(List.of(hash(file, file), hash(file, file))).containsExactly("hash 0", "hash 1");
  }

  @Test
  void theLeastRecentlyUsed_areForgotten(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a");
    write(file, "a", OLD);
    hash(folder, file);
    for (int i = 0; i < 300; i++) {
      hash(folder.resolve(String.valueOf(i)), file);
    }

    assertThat(hash(folder, file)).isEqualTo("hash 301");
    assertThat(hash(folder.resolve("299"), file)).isEqualTo("hash 300");
  }
}
