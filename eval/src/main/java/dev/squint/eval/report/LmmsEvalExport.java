package dev.squint.eval.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.eval.data.Question;
import dev.squint.eval.metric.Graded;
import dev.squint.eval.metric.Grading;
import dev.squint.eval.metric.Interval;
import dev.squint.eval.run.AnswerLine;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.task.Task;
import dev.squint.vision.io.ContentHash;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a run in lmms-eval's format (loggers/evaluation_tracker.py): {@code
 * MODEL/DATE_results.json} with the figures, and {@code MODEL/DATE_samples_TASK.jsonl} with a line
 * per question.
 *
 * @param folder output folder
 * @param model name of the model
 * @param date date of the run, as in 20261129_083000
 */
record LmmsEvalExport(Path folder, String model, String date) {

  /** 97.5th percentile of the normal distribution; half a 95 % interval, in deviations. */
  private static final double DEVIATIONS = 1.959964;

  /** Writes the files of one plan and returns the file with the figures. */
  Path write(List<RunAnswers> sets, List<Figures> figures) {
    String plan = sets.get(0).plan();
    Path target = folder.resolve(RunAnswers.modelName(model, plan));
    ObjectNode file = JsonFiles.MAPPER.createObjectNode();
    for (int i = 0; i < sets.size(); i++) {
      RunAnswers set = sets.get(i);
      String task = set.name(Task.SplitNames::lmmsEval);
      figures(file.withObject("/results").putObject(task), task, set, figures.get(i));
      ObjectNode config = file.withObject("/configs").putObject(task);
      config.put("task", task).put("num_fewshot", 0);
      file.withObject("/versions").put(task, "squint");
      file.withObject("/n-shot").put(task, 0);
      file.withObject("/higher_is_better").putObject(task).put(metric(set), true);
      int questions = set.questions().size();
      file.withObject("/n-samples")
          .putObject(task)
          .put("original", questions)
          .put("effective", questions);
      JsonFiles.writeText(
          target.resolve("%s_samples_%s.jsonl".formatted(date, task)), samples(set));
    }
    file.putObject("group_subtasks");
    file.putObject("config").put("model", "squint").put("model_args", "plan=" + plan);
    file.put("date", date);
    file.put("model_source", "squint");
    file.put("model_name", RunAnswers.modelName(model, plan));
    file.put("model_name_sanitized", RunAnswers.modelName(model, plan));
    Path results = target.resolve(date + "_results.json");
    JsonFiles.write(results, file);
    return results;
  }

  private static void figures(ObjectNode results, String task, RunAnswers set, Figures figures) {
    Interval accuracy = figures.accuracy();
    Grading grading = set.grading("lmms-eval");
    List<Graded> graded = set.graded(grading);
    results.put("alias", task);
    double scale = scale(set);
    results.put(metric(set) + ",none", scale * grading.aggregate().of(graded));
    results.put(
        metric(set) + "_stderr,none",
        scale * (accuracy.high() - accuracy.low()) / (2 * DEVIATIONS));
    Map<String, Double> further = new TreeMap<>(grading.aggregate().further(graded));
    // Some of its figures are those of a kind of question.
    figures
        .kinds()
        .keySet()
        .forEach(kind -> further.putIfAbsent(kind, ofKind(grading, graded, kind)));
    Task.HarnessNames names = set.data().task().names();
    Map<String, String> known = names == null ? Map.of() : names.lmmsFigures();
    known.forEach(
        (ours, theirs) -> {
          if (further.containsKey(ours)) {
            results.put(theirs + ",none", further.get(ours));
          }
        });
  }

  private static double ofKind(Grading grading, List<Graded> graded, String kind) {
    return grading
        .aggregate()
        .of(graded.stream().filter(each -> each.question().kind().equals(kind)).toList());
  }

  private static String metric(RunAnswers set) {
    Task.HarnessNames names = set.data().task().names();
    return names == null || names.lmmsMetric() == null ? "exact_match" : names.lmmsMetric();
  }

  private static double scale(RunAnswers set) {
    Task.HarnessNames names = set.data().task().names();
    return names == null ? 1 : names.lmmsScale();
  }

  private static String samples(RunAnswers set) {
    StringBuilder lines = new StringBuilder();
    List<Graded> graded = set.graded(set.grading("lmms-eval"));
    for (int i = 0; i < set.questions().size(); i++) {
      Question question = set.questions().get(i);
      AnswerLine answer = set.answers().get(i);
      ObjectNode sample = JsonFiles.MAPPER.createObjectNode();
      sample.put("doc_id", i);
      sample.put("target", PythonText.oneOrList(question.answers()));
      sample.put("filtered_resps", answer.answer());
      sample.put("doc_hash", ContentHash.of(question.toString()));
      sample.put("input", set.data().prompt(question));
      sample.put("score", answer.score());
      sample.put(metric(set), graded.get(i).score().value());
      sample.put("id", question.id());
      if (answer.error() != null) {
        sample.put("error", answer.error());
      }
      lines.append(sample).append('\n');
    }
    return lines.toString();
  }
}
