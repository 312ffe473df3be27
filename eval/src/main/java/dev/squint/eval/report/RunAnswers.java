package dev.squint.eval.report;

import dev.squint.eval.data.Question;
import dev.squint.eval.metric.Graded;
import dev.squint.eval.metric.Grading;
import dev.squint.eval.run.AnswerLine;
import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.TaskData;
import dev.squint.eval.task.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The answers on one data set under one plan, for export.
 *
 * @param data the questions
 * @param plan the plan's text
 * @param answers answers in the order of the questions
 */
record RunAnswers(TaskData data, String plan, List<AnswerLine> answers) {

  /**
   * Collects the answers of a run.
   *
   * @throws IllegalArgumentException if an answer is missing
   */
  static RunAnswers of(TaskData data, String plan, AnswerLog log) {
    List<AnswerLine> answers = new ArrayList<>();
    for (Question question : data.set().questions()) {
      AnswerLine answer = log.find(data.set().name(), plan, question.id());
      if (answer == null) {
        throw new IllegalArgumentException(
            "question '%s' of '%s' has no answer under plan '%s'; finish the run first"
                .formatted(question.id(), data.set().name(), plan));
      }
      answers.add(answer);
    }
    return new RunAnswers(data, plan, answers);
  }

  List<Question> questions() {
    return data.set().questions();
  }

  /** Returns the name of the data set in a harness, or its own name. */
  String name(Function<Task.SplitNames, @Nullable String> harness) {
    String name = nameOrNull(harness);
    return name == null ? data.set().name() : name;
  }

  /** Returns the name of the data set in a harness, or null if it has none there. */
  @Nullable String nameOrNull(Function<Task.SplitNames, @Nullable String> harness) {
    Task.HarnessNames names = data.task().names();
    Task.SplitNames ofSplit = names == null ? null : names.of(data.split());
    return ofSplit == null ? null : harness.apply(ofSplit);
  }

  /** Whether the benchmark scores by the letters of options. */
  boolean isChoice() {
    return data.task().official().scorer().startsWith("letter")
        || data.task().official().scorer().equals("mmmu");
  }

  /** Returns the scoring of a harness, or the benchmark's own if the harness scores alike. */
  Grading grading(String harness) {
    List<Grading> gradings = data.task().gradings();
    return gradings.stream()
        .filter(grading -> grading.name().equals(harness))
        .findFirst()
        .orElse(gradings.get(0));
  }

  /** Returns the scored answers; questions that failed count as wrong. */
  List<Graded> graded(Grading grading) {
    List<Graded> graded =
        grading.grade(questions(), answers.stream().map(AnswerLine::answer).toList());
    return IntStream.range(0, graded.size())
        .mapToObj(i -> answers.get(i).failed() ? graded.get(i).failed() : graded.get(i))
        .toList();
  }

  /** Returns the name under which a harness lists the model with this plan. */
  static String modelName(String model, String plan) {
    String name = plan.equals(Summariser.UNPRUNED) ? model : model + "-" + plan;
    return name.replaceAll("[^A-Za-z0-9._=-]+", "_").replaceFirst("_+$", "");
  }
}
