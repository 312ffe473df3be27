package dev.squint.eval.verify;

import dev.squint.eval.report.Figures;
import dev.squint.eval.report.PlanScores;
import dev.squint.eval.report.Summary;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.RunFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The result files of a published run.
 *
 * @param folder output folder of {@code squint eval --out}, which need not have its answers
 * @param run what made the figures
 * @param summary the figures
 * @param scores the scores of each question; empty in runs of older versions
 */
public record PublishedRun(Path folder, RunFile run, Summary summary, List<PlanScores> scores) {

  /** Copies the list. */
  public PublishedRun {
    scores = List.copyOf(scores);
  }

  /**
   * Reads the files of a run.
   *
   * @throws IllegalArgumentException if the folder holds no finished run
   */
  public static PublishedRun open(Path folder) {
    Path summary = folder.resolve("summary.json");
    if (!Files.exists(summary) || !Files.exists(folder.resolve("run.json"))) {
      throw new IllegalArgumentException(
          "%s holds no finished run: it needs run.json and summary.json of 'squint eval --out'"
              .formatted(folder));
    }
    try {
      return new PublishedRun(
          folder,
          RunFile.read(folder.resolve("run.json")),
          JsonFiles.MAPPER.readValue(summary.toFile(), Summary.class),
          PlanScores.read(folder));
    } catch (IOException e) {
      throw new UncheckedIOException(summary + " cannot be read", e);
    }
  }

  /** The figures of a plan on a data set, if the run has them. */
  public Optional<Figures> figures(String set, String plan) {
    return summary.families().stream()
        .filter(family -> family.name().equals(set))
        .flatMap(family -> family.plans().stream())
        .filter(figures -> figures.plan().equals(plan))
        .findFirst();
  }

  /** The scores of a plan on a data set, if the run has them. */
  Optional<PlanScores> scores(String set, String plan) {
    return scores.stream()
        .filter(one -> one.set().equals(set) && one.plan().equals(plan))
        .findFirst();
  }

  /** All figures of the run, as its files show them. */
  public List<PublishedFigure> all() {
    List<PublishedFigure> all = new ArrayList<>();
    summary
        .families()
        .forEach(
            family ->
                family
                    .plans()
                    .forEach(
                        figures ->
                            all.add(
                                new PublishedFigure(
                                    folder.toString(),
                                    family.name(),
                                    figures.plan(),
                                    figures.accuracy(),
                                    0))));
    return all;
  }
}
