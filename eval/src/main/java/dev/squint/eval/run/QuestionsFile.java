package dev.squint.eval.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.Question;
import dev.squint.eval.task.Tasks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code questions.json}: the questions of a run, of all its shards, so that the answers can be
 * scored without the data sets.
 */
public final class QuestionsFile {

  /** Name of the file in a run's folder. */
  public static final String NAME = "questions.json";

  private QuestionsFile() {}

  /** The questions of a data set. */
  private record OfSet(String set, String task, List<Question> questions) {}

  /** Writes the questions to a run's folder. */
  public static void write(Path folder, List<TaskData> sets) {
    JsonFiles.writeText(folder.resolve(NAME), text(sets));
  }

  /** The text of the file. */
  public static String text(List<TaskData> sets) {
    return JsonFiles.pretty(
            sets.stream()
                .map(one -> new OfSet(one.set().name(), one.task().name(), one.set().questions()))
                .toList())
        + "\n";
  }

  /**
   * Reads the questions of a run. Their pictures cannot be read.
   *
   * @throws IllegalArgumentException if the folder has no such file
   */
  public static List<TaskData> read(Path folder) {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(
          "%s has no %s, which older versions did not write; repeat the command of the run, which asks nothing again"
              .formatted(folder, NAME));
    }
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  /** Reads the text of the file. Their pictures cannot be read. */
  public static List<TaskData> parse(String text) throws JsonProcessingException {
    List<OfSet> sets = JsonFiles.MAPPER.readValue(text, new TypeReference<List<OfSet>>() {});
    return sets.stream()
        .map(
            one ->
                new TaskData(
                    Tasks.get(one.task()),
                    new DataSet(one.set(), QuestionsFile::noPicture, one.questions())))
        .toList();
  }

  private static dev.squint.vision.picture.Picture noPicture(String name) {
    throw new IllegalStateException("a report reads no pictures, so not " + name);
  }
}
