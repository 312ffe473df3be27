package dev.squint.eval.run;

import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.Question;
import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Asks every question under every condition, picture by picture, and logs the answers. */
public final class Run {

  private final Asker asker;
  private final List<PruningPlan> conditions;
  private final AnswerLog log;
  private final Progress progress;
  private final OnError onError;
  private final Queue<Milliseconds> taken = new ConcurrentLinkedQueue<>();

  /** Creates a run that stops at a question that cannot be asked. */
  public Run(Asker asker, List<PruningPlan> conditions, AnswerLog log, Progress progress) {
    this(asker, conditions, log, progress, OnError.STOP);
  }

  /**
   * Creates a run.
   *
   * @param conditions the plans of each question
   * @param onError what to do with a question that cannot be asked
   */
  public Run(
      Asker asker,
      List<PruningPlan> conditions,
      AnswerLog log,
      Progress progress,
      OnError onError) {
    this.onError = onError;
    this.asker = asker;
    this.conditions = List.copyOf(conditions);
    this.log = log;
    this.progress = progress;
  }

  /** The model interface of a run. */
  @FunctionalInterface
  public interface Asker {
    /** Answers a question about pictures, the last one of a conversation. */
    Answer ask(
        List<Picture> pictures, List<Question.Turn> history, String question, AskOptions options);
  }

  /**
   * Asks all questions that have no answer in the log, after all their pictures were read once.
   *
   * @param threads number of pictures processed in parallel
   * @return the throughput
   * @throws IllegalStateException if a question cannot be answered; the message names it
   */
  public Throughput ask(List<TaskData> sets, int threads) {
    // A scorer with a missing library fails here, before the first question.
    sets.forEach(assignment -> assignment.task().gradings());
    checkPictures(sets, threads);
    long start = System.nanoTime();
    Workers workers = new Workers(threads);
    List<Runnable> work = new ArrayList<>();
    for (TaskData assignment : sets) {
      for (List<Question> together : assignment.byPicture()) {
        work.add(() -> askAll(workers, assignment, together));
      }
    }
    workers.run(work);
    progress.end();
    return Throughput.of(List.copyOf(taken), (System.nanoTime() - start) / 1e9, threads);
  }

  private void checkPictures(List<TaskData> sets, int threads) {
    List<String> messages = new ArrayList<>();
    for (TaskData assignment : sets) {
      DataSet set = assignment.set();
      List<List<Question>> open =
          assignment.byPicture().stream().filter(together -> !areAnswered(set, together)).toList();
      Map<Question, String> problems = PictureCheck.problems(set, open, threads);
      if (!problems.isEmpty()) {
        messages.add(PictureCheck.describe(set, problems));
      }
    }
    if (onError == OnError.STOP && !messages.isEmpty()) {
      throw new IllegalStateException(
          "%s. No question was asked; correct the data, or give 'squint eval' --on-error skip to count such questions as wrong"
              .formatted(String.join(". ", messages)));
    }
  }

  private boolean areAnswered(DataSet set, List<Question> together) {
    return conditions.stream()
        .allMatch(plan -> together.stream().allMatch(question -> isAnswered(set, plan, question)));
  }

  private boolean isAnswered(DataSet set, PruningPlan plan, Question question) {
    AnswerLine line = log.find(set.name(), plan.toString(), question.id());
    return line != null && !line.failed();
  }

  private void askAll(Workers workers, TaskData assignment, List<Question> together) {
    DataSet set = assignment.set();
    List<Picture> pictures = new ArrayList<>();
    for (PruningPlan condition : conditions) {
      for (Question question : together) {
        if (workers.stopped()) {
          return;
        }
        if (isAnswered(set, condition, question)) {
          progress.skip();
        } else {
          log(answerOrError(assignment, condition, pictures, question));
          progress.step();
        }
      }
    }
  }

  /** Logs a line, unless an earlier start has logged the same error. */
  private void log(AnswerLine line) {
    AnswerLine earlier = log.find(line.set(), line.plan(), line.id());
    if (earlier == null || !Objects.equals(earlier.error(), line.error())) {
      log.add(line);
    }
    if (!line.failed()) {
      taken.add(line.ms());
    }
  }

  private AnswerLine answerOrError(
      TaskData assignment, PruningPlan condition, List<Picture> pictures, Question question) {
    DataSet set = assignment.set();
    try {
      if (pictures.isEmpty()) {
        pictures.addAll(question.pictures().stream().map(set.pictures()::read).toList());
      }
      return ask(assignment, condition, pictures, question);
    } catch (RuntimeException e) {
      if (onError == OnError.SKIP) {
        return AnswerLine.failed(
            set.name(), condition.toString(), question, String.valueOf(e.getMessage()));
      }
      throw new IllegalStateException(
          "question '%s' of '%s' under plan '%s' failed: %s"
              .formatted(question.id(), set.name(), condition, e.getMessage()),
          e);
    }
  }

  private AnswerLine ask(
      TaskData assignment, PruningPlan condition, List<Picture> pictures, Question question) {
    AskOptions options =
        AskOptions.DEFAULT
            .withMaxTokens(assignment.task().maxTokens())
            .withPlan(condition)
            .withPromptReuse(false);
    Answer answer = asker.ask(pictures, question.history(), assignment.prompt(question), options);
    return line(assignment, condition, pictures, question, answer);
  }

  private static AnswerLine line(
      TaskData assignment,
      PruningPlan condition,
      List<Picture> pictures,
      Question question,
      Answer answer) {
    return new AnswerLine(
        assignment.set().name(),
        condition.toString(),
        question.id(),
        answer.text(),
        question.answers(),
        assignment.task().gradings().get(0).scorer().score(answer.text(), question).value(),
        answer.visualTokens(),
        AnswerLine.Encoded.of(answer),
        answer.keptVisualTokens(),
        answer.promptTokens(),
        answer.completionTokens(),
        AnswerLine.layerTokens(answer),
        Math.round(answer.pruneOperations()),
        answer.kvBytes(),
        answer.finishReason().toString(),
        ObjectTokens.of(answer.tiles(), answer.reduction().kept(), pictures, question.boxes()),
        Milliseconds.of(answer.timings()),
        null);
  }
}
