package dev.squint.eval.task;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/** Writes the files of a data set into a folder. */
record DataFolderWriter(Path folder) {

  /** Copies the files of a data set that samples/fixtures/parquet.py wrote. */
  void copy(String name) throws IOException {
    Path from = Path.of("src/test/resources/parquet", name);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(
            file, created(from.relativize(file).toString()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  void write(String file, String text) throws IOException {
    Files.writeString(created(file), text);
  }

  private Path created(String file) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.resolve("..").normalize());
    return path;
  }
}
