package dev.squint.eval.data;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Finds out what kind of data set a folder holds. */
public final class DataSets {

  private DataSets() {}

  /**
   * Reads a data set.
   *
   * @throws IllegalArgumentException if the folder holds none that is known; the message says what
   *     is looked for
   */
  public static DataSet read(DataFolder data) {
    @Nullable Path lines = data.folderWith(JsonLinesReader.FILE);
    if (lines != null) {
      return JsonLinesReader.read(data.name(), lines);
    }
    @Nullable Path easy = data.folderWith(EasyVqaReader.FILE);
    if (easy != null) {
      return EasyVqaReader.read(data.name(), easy);
    }
    throw new IllegalArgumentException(
        "'%s' holds no known data set; it needs %s (Squint's own format) or %s (easy-VQA)"
            .formatted(data.name(), JsonLinesReader.FILE, EasyVqaReader.FILE));
  }
}
