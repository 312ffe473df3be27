package dev.squint.eval.report;

import dev.squint.eval.cost.ModelCost;
import dev.squint.eval.run.AnswerLine;
import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.Baselines;
import dev.squint.eval.run.QuestionsFile;
import dev.squint.eval.run.RunFile;
import dev.squint.eval.run.SparkAnswers;
import dev.squint.eval.run.TaskData;
import dev.squint.pruner.plan.PruningPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Turns the output folder of {@code squint spark} into the folder of a finished run. */
public final class SparkMerge {

  private static final String RUN = "run.json";

  private SparkMerge() {}

  /**
   * Collects the answers and computes the figures, which equal those of {@code squint eval} with
   * the same questions and plans.
   *
   * @param job output folder of the job
   * @param out folder of the run; may be the same
   * @throws IllegalArgumentException if the job had no questions with right answers, or did not ask
   *     without a plan
   * @throws IllegalStateException if the job is not finished
   */
  public static void merge(Path job, Path out) {
    if (!Files.exists(job.resolve(RUN)) || !Files.exists(job.resolve(QuestionsFile.NAME))) {
      throw new IllegalArgumentException(
          "%s has answers of a Spark job, but no questions with right answers to score them by (%s and %s); a report needs a job whose --in is a data set or a benchmark"
              .formatted(job, RUN, QuestionsFile.NAME));
    }
    RunFile run = RunFile.read(job.resolve(RUN));
    if (!run.plans().contains(Summariser.UNPRUNED)) {
      throw new IllegalArgumentException(
          "%s has no answers under the plan '%s', which the others are compared with; run the job again with --plan %s"
              .formatted(job, Summariser.UNPRUNED, Summariser.UNPRUNED));
    }
    List<TaskData> sets = QuestionsFile.read(job);
    List<PruningPlan> plans =
        Baselines.without(run.plans().stream().map(Baselines::parse).toList());
    List<AnswerLine> lines = new SparkAnswers(job).read(run, sets);
    if (!job.toAbsolutePath().normalize().equals(out.toAbsolutePath().normalize())) {
      run.writeTo(out);
      QuestionsFile.write(out, sets);
      ModelCost.read(job).ifPresent(cost -> cost.write(out));
    }
    try (AnswerLog log = AnswerLog.open(out)) {
      for (AnswerLine line : lines) {
        if (log.find(line.set(), line.plan(), line.id()) == null) {
          log.add(line);
        }
      }
      RunFigures.of(run, sets, log, plans, ModelCost.read(job)).write(out);
    }
  }
}
