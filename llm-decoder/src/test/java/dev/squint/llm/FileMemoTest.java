package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files are read once, and again after they have changed. */
class FileMemoTest {

  @TempDir private Path folder;
  private final FileMemo<String> memo = new FileMemo<>();
  private final List<Path> read = new ArrayList<>();

  private Path write(String name, String text, long second) throws IOException {
    Path file = Files.writeString(folder.resolve(name), text);
    return Files.setLastModifiedTime(file, FileTime.fromMillis(second * 1000));
  }

  private String get(Path file) throws IOException {
    return memo.get(
        file,
        each -> {
          read.add(each);
          return Files.readString(each);
        });
  }

  @Test
  void aFileIsReadAgain_ifItsSizeOrTimeChanges() throws IOException {
    Path file = write("a", "one", 1);
    assertThat(List.of(get(file), get(file))).containsExactly("one", "one");
    assertThat(read).hasSize(1);
    write("a", "two", 2);
    assertThat(List.of(get(file), get(file))).containsExactly("two", "two");
    write("a", "three", 2);
    assertThat(get(file)).isEqualTo("three");
    assertThat(read).hasSize(3);
    Files.delete(file);
    assertThatThrownBy(() -> get(file)).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void whatWasUsedLeastRecently_isForgotten() throws IOException {
    Path first = write("first", "first", 1);
    get(first);
    for (int i = 0; i < 40; i++) {
      get(write("f" + i, "other", 1));
      get(first);
    }
    assertThat(read).hasSize(41);
    get(folder.resolve("f0"));
    assertThat(read).hasSize(42);
  }
}
