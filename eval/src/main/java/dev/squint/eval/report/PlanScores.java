package dev.squint.eval.report;

import dev.squint.eval.run.JsonFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The score of each question, a line of {@code scores.jsonl}: small enough to be kept beside a
 * run's figures, so that a later run can be compared with it question by question.
 *
 * @param set name of the data set
 * @param plan the plan's text
 * @param scores from 0 (wrong) to 1 (right), in the order of {@code questions.json}
 */
public record PlanScores(String set, String plan, List<Double> scores) {

  /** Name of the file in a run's folder. */
  public static final String FILE = "scores.jsonl";

  /** Copies the list. */
  public PlanScores {
    scores = List.copyOf(scores);
  }

  /** The mean of the scores. */
  public double mean() {
    return scores.stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }

  /** Writes the file. */
  static void write(Path folder, List<PlanScores> all) {
    JsonFiles.writeText(folder.resolve(FILE), JsonFiles.lines(all));
  }

  /** Reads the file; empty if there is none, as in runs of older versions. */
  public static List<PlanScores> read(Path folder) {
    Path file = folder.resolve(FILE);
    List<PlanScores> all = new ArrayList<>();
    if (Files.exists(file)) {
      try {
        for (String line : Files.readAllLines(file)) {
          all.add(JsonFiles.MAPPER.readValue(line, PlanScores.class));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(file + " cannot be read", e);
      }
    }
    return all;
  }
}
