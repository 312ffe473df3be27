package dev.squint.eval.report;

import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.TaskData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a finished run in the format of another harness; a model under a plan counts there as a
 * model of its own.
 *
 * @param summary figures of the run
 * @param asked questions of the run
 * @param log answers of the run
 */
public record Export(Summary summary, List<TaskData> asked, AnswerLog log) {

  /**
   * Writes lmms-eval's files.
   *
   * @param date date of the run, as in 20261129_083000
   * @return the files with figures
   */
  public List<Path> toLmmsEval(Path folder, String date) {
    LmmsEvalExport export = new LmmsEvalExport(folder, summary.model(), date);
    List<Path> files = new ArrayList<>();
    for (int p = 0; p < summary.planNames().size(); p++) {
      files.add(export.write(answers(p), figures(p)));
    }
    return files;
  }

  /**
   * Writes VLMEvalKit's files.
   *
   * @return the files with predictions
   */
  public List<Path> toVlmEvalKit(Path folder) {
    VlmEvalKitExport export = new VlmEvalKitExport(folder, summary.model());
    List<Path> files = new ArrayList<>();
    for (int p = 0; p < summary.planNames().size(); p++) {
      files.addAll(export.write(answers(p), figures(p)));
    }
    return files;
  }

  private List<RunAnswers> answers(int plan) {
    String name = summary.planNames().get(plan);
    return asked.stream().map(data -> RunAnswers.of(data, name, log)).toList();
  }

  private List<Figures> figures(int plan) {
    return summary.families().stream().map(family -> family.plans().get(plan)).toList();
  }
}
