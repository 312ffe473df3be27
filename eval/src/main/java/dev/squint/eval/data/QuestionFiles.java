package dev.squint.eval.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Finds and reads Squint's own data format: {@code questions.jsonl}, {@code questions.csv} or
 * {@code questions.tsv}, each also with {@code .gz}.
 */
public final class QuestionFiles {

  /** The accepted names of the file with the questions. */
  public static final List<String> NAMES =
      Stream.of(JsonLinesReader.FILE, "questions.csv", "questions.tsv")
          .flatMap(name -> Stream.of(name, name + ".gz"))
          .toList();

  private QuestionFiles() {}

  /**
   * Reads the data set in a folder.
   *
   * @throws IllegalArgumentException if the folder has no such file or several, or if a question
   *     has another form; the message names the line
   */
  public static DataSet read(String name, Path folder) {
    List<String> found =
        NAMES.stream().filter(file -> Files.isRegularFile(folder.resolve(file))).toList();
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          "'%s' must have one of %s but has %s".formatted(name, NAMES, found));
    }
    String file = found.get(0);
    if (file.startsWith(JsonLinesReader.FILE)) {
      return JsonLinesReader.read(name, folder, file);
    }
    return QuestionTableReader.read(name, folder, file, file.contains(".csv") ? ',' : '\t');
  }
}
