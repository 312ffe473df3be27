package dev.squint.eval.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.eval.data.EncodedPictures;
import dev.squint.eval.data.Question;
import dev.squint.eval.data.TextFiles;
import dev.squint.eval.task.ParquetFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The answers in the output folder of {@code squint spark}: files {@code answers/part-*} of JSON
 * lines or Parquet.
 *
 * @param folder the output folder
 */
public record SparkAnswers(Path folder) {

  private static final String ANSWERS = "answers";

  /** Whether a folder is the output of a Spark job. */
  public static boolean isIn(Path folder) {
    return Files.isDirectory(folder.resolve(ANSWERS));
  }

  /**
   * Reads the answers to the questions of a run. Rows of other sets and other models are left out.
   *
   * @throws IllegalArgumentException if a file is none of a Spark job, or a question has two rows
   */
  public List<AnswerLine> read(RunFile run, List<TaskData> sets) {
    Map<String, Map<String, Question>> asked = new HashMap<>();
    for (TaskData one : sets) {
      Map<String, Question> questions = new HashMap<>();
      one.set().questions().forEach(question -> questions.put(question.id(), question));
      asked.put(one.set().name(), questions);
    }
    List<AnswerLine> lines = new ArrayList<>();
    Set<AnswerLine.Key> known = new HashSet<>();
    for (Path file : files()) {
      for (ObjectNode row : rows(file)) {
        Question question =
            asked.getOrDefault(row.path("set").asText(), Map.of()).get(row.path("id").asText());
        String model = row.path("model_sha256").asText();
        if (question == null || !model.equals(run.identity().modelSha256())) {
          continue;
        }
        AnswerLine line = line(file, row, question);
        if (!known.add(line.key())) {
          throw new IllegalArgumentException(
              "question '%s' of '%s' has two rows under plan '%s' in %s; delete one of them"
                  .formatted(line.id(), line.set(), line.plan(), folder));
        }
        lines.add(line);
      }
    }
    return lines;
  }

  private List<Path> files() {
    try (Stream<Path> files = Files.list(folder.resolve(ANSWERS))) {
      return files
          .filter(file -> !file.getFileName().toString().matches("[._].*"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be read", e);
    }
  }

  private static List<ObjectNode> rows(Path file) {
    String name = file.getFileName().toString();
    try {
      if (name.endsWith(".parquet")) {
        return new ParquetFile(JsonFiles.MAPPER, new EncodedPictures()).rows(file, name);
      }
      if (!name.endsWith(".json") && !name.endsWith(".json.gz")) {
        throw new IllegalArgumentException(
            "%s is no file of answers; 'squint report' reads .json, .json.gz and .parquet"
                .formatted(file));
      }
      List<ObjectNode> rows = new ArrayList<>();
      try (BufferedReader lines = TextFiles.open(file)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          rows.add(JsonFiles.MAPPER.readValue(line, ObjectNode.class));
        }
      }
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static AnswerLine line(Path file, ObjectNode row, Question question) {
    if (row.hasNonNull("error")) {
      return AnswerLine.failed(
          row.path("set").asText(),
          row.path("plan").asText(),
          question,
          row.path("error").asText());
    }
    // Columns that lines of a log do not have.
    row.remove(List.of("model_sha256", "notes", "error"));
    try {
      return AnswerLineJson.read(row);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s has a row that is no answer: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }
}
