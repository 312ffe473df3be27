package dev.squint.eval.report;

import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.FolderPictures;
import dev.squint.eval.data.Question;
import dev.squint.eval.run.AnswerLine;
import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.Milliseconds;
import dev.squint.eval.run.QuestionsFile;
import dev.squint.eval.run.TaskData;
import dev.squint.eval.task.Tasks;
import dev.squint.pruner.plan.PruningPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiFunction;

/** A run of made-up answers, and its files for other harnesses. */
final class HarnessRun {

  static final long SEED = 18;
  static final String DATE = "20261129_120000";

  private HarnessRun() {}

  /** Where the files are written: {@code -Dexport.dir=DIR}, or a temporary folder. */
  static Path folder(Path temporary) {
    String given = System.getProperty("export.dir");
    return given == null ? temporary : Path.of(given);
  }

  static TaskData set(String task, String split, List<Question> questions) {
    return new TaskData(
        Tasks.get(task),
        new DataSet(Tasks.get(task).setName(split), new FolderPictures(Path.of("")), questions));
  }

  /** Writes a run to {@code folder/run} and returns it for export. */
  static Export write(
      Path folder, List<TaskData> sets, BiFunction<Question, Random, String> answers)
      throws IOException {
    Random random = new Random(SEED);
    Files.deleteIfExists(folder.resolve("run/answers.jsonl"));
    AnswerLog log = AnswerLog.open(folder.resolve("run"));
    for (TaskData data : sets) {
      for (Question question : data.set().questions()) {
        log.add(line(data, question, answers.apply(question, random)));
      }
    }
    QuestionsFile.write(folder.resolve("run"), sets);
    return export(sets, log);
  }

  /** Returns a part of a run for export. */
  static Export export(List<TaskData> sets, AnswerLog log) {
    Summariser summariser =
        new Summariser(log, List.of(PruningPlan.parse("none")), Optional.empty());
    return new Export(
        new Summary("model", sets.stream().map(summariser::family).toList()), sets, log);
  }

  private static AnswerLine line(TaskData data, Question question, String answer) {
    return new AnswerLine(
        data.set().name(),
        "none",
        question.id(),
        answer,
        question.answers(),
        data.task().gradings().get(0).scorer().score(answer, question).value(),
        1,
        null,
        1,
        1,
        1,
        null,
        null,
        0,
        "stop",
        null,
        new Milliseconds(0, 0, 0, 0, 0, 0, false),
        null);
  }
}
