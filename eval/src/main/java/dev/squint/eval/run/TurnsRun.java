package dev.squint.eval.run;

import dev.squint.eval.data.Question;
import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks second questions of conversations: alone, with tokens chosen for them, and with the tokens
 * that were chosen for the first question, as a system has them that prunes once and keeps its
 * cache. Prompts are reused as in a chat: the first question is asked just before.
 */
public final class TurnsRun {

  private final Run.Asker asker;
  private final Progress progress;

  /** Creates a run; the model must hold prompts for reuse. */
  public TurnsRun(Run.Asker asker, Progress progress) {
    this.asker = asker;
    this.progress = progress;
  }

  /**
   * Refuses plans whose choice cannot be made again for another question.
   *
   * @throws IllegalArgumentException if the plan acts elsewhere than after the encoder
   */
  public static void check(PruningPlan plan) {
    if (!plan.equals(PruningPlan.none()) && !FirstTurnPlan.canRepeat(plan)) {
      throw new IllegalArgumentException(
          "'%s' does not act at 'encoder' alone; conversations are measured with plans such as 'encoder:text-guided(keep=0.25)'"
              .formatted(plan));
    }
  }

  /** The questions of a set that have one question before them. */
  public static TaskData secondQuestions(TaskData data) {
    List<Question> second =
        data.set().questions().stream().filter(one -> one.history().size() == 1).toList();
    if (second.isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' has no question with one earlier turn in its 'history'"
              .formatted(data.set().name()));
    }
    return new TaskData(data.task(), data.set().with(second));
  }

  /**
   * Asks all questions of a set with each plan. The rows do not depend on the number of threads:
   * prompts that share more than their first text are about the same picture, and such questions
   * are asked in their order.
   *
   * @param threads number of pictures processed in parallel
   * @return the rows in the order of the questions
   */
  public List<TurnRow> ask(TaskData data, List<PruningPlan> plans, int threads) {
    // A scorer with a missing library fails here, before the first question.
    data.task().gradings();
    Map<Question, List<TurnRow>> rows = new ConcurrentHashMap<>();
    Workers workers = new Workers(threads);
    List<Runnable> work = new ArrayList<>();
    for (List<Question> together : data.byPicture()) {
      work.add(() -> askAll(workers, data, together, plans, rows));
    }
    workers.run(work);
    progress.end();
    return data.set().questions().stream()
        .flatMap(question -> Objects.requireNonNull(rows.get(question)).stream())
        .toList();
  }

  private void askAll(
      Workers workers,
      TaskData data,
      List<Question> together,
      List<PruningPlan> plans,
      Map<Question, List<TurnRow>> rows) {
    List<Picture> pictures =
        together.get(0).pictures().stream().map(data.set().pictures()::read).toList();
    for (Question question : together) {
      List<TurnRow> own = new ArrayList<>();
      for (PruningPlan plan : plans) {
        if (workers.stopped()) {
          return;
        }
        own.add(row(data, question, pictures, plan));
        progress.step();
      }
      rows.put(question, own);
    }
  }

  private TurnRow row(TaskData data, Question question, List<Picture> pictures, PruningPlan plan) {
    AskOptions options = AskOptions.DEFAULT.withMaxTokens(data.task().maxTokens()).withPlan(plan);
    String prompt = data.prompt(question);
    Answer alone = asker.ask(pictures, List.of(), prompt, options.withPromptReuse(false));
    String earlier = question.history().get(0).question();
    Answer first = asker.ask(pictures, List.of(), earlier, options);
    Answer again = asker.ask(pictures, question.history(), prompt, options);
    Answer kept = again;
    if (!Arrays.equals(first.reduction().kept(), again.reduction().kept())) {
      PruningPlan repeated = FirstTurnPlan.of(plan, first.reduction());
      kept = asker.ask(pictures, question.history(), prompt, options.withPlan(repeated));
    }
    return TurnRow.of(
        data,
        plan.toString(),
        question,
        asked(data, question, pictures, alone),
        asked(data, question, pictures, again),
        asked(data, question, pictures, kept));
  }

  private static TurnRow.Asked asked(
      TaskData data, Question question, List<Picture> pictures, Answer answer) {
    return new TurnRow.Asked(
        answer.text(),
        data.task().gradings().get(0).scorer().score(answer.text(), question).value(),
        ObjectTokens.of(answer.tiles(), answer.reduction().kept(), pictures, question.boxes()),
        answer.promptTokens(),
        answer.reusedTokens());
  }
}
