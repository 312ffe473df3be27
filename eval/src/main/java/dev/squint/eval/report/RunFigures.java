package dev.squint.eval.report;

import dev.squint.eval.cost.ModelCost;
import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.RunFile;
import dev.squint.eval.run.TaskData;
import dev.squint.pruner.plan.PruningPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The figures of a finished run.
 *
 * @param summary accuracy, tokens and operations
 * @param timings times by data set
 * @param scores scores of each question, by data set and plan
 * @param tables figures and times as Markdown
 */
public record RunFigures(
    Summary summary, List<DataSetReport.Timing> timings, List<PlanScores> scores, String tables) {

  /** Copies the lists. */
  public RunFigures {
    timings = List.copyOf(timings);
    scores = List.copyOf(scores);
  }

  /**
   * Computes the figures.
   *
   * @throws IllegalStateException if an answer is missing
   */
  public static RunFigures of(
      RunFile run,
      List<TaskData> sets,
      AnswerLog log,
      List<PruningPlan> plans,
      Optional<ModelCost> cost) {
    Summariser summariser = new Summariser(log, plans, cost);
    Summary summary =
        new Summary(run.identity().model(), sets.stream().map(summariser::family).toList());
    List<DataSetReport.Timing> timings =
        sets.stream().map(one -> summariser.timing(one.set())).toList();
    List<PlanScores> scores =
        sets.stream().flatMap(one -> summariser.scores(one).stream()).toList();
    return new RunFigures(
        summary, timings, scores, new MarkdownReport(run, summary, timings).text());
  }

  /** Writes summary.json, times.json, scores.jsonl and summary.md. */
  public void write(Path folder) {
    JsonFiles.write(folder.resolve("summary.json"), summary);
    JsonFiles.write(folder.resolve("times.json"), timings);
    PlanScores.write(folder, scores);
    JsonFiles.writeText(folder.resolve("summary.md"), tables);
  }
}
