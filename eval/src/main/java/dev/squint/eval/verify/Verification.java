package dev.squint.eval.verify;

import dev.squint.eval.data.Question;
import dev.squint.eval.run.AnswerLine;
import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.Baselines;
import dev.squint.eval.run.Fingerprint;
import dev.squint.eval.run.ModelAsker;
import dev.squint.eval.run.Progress;
import dev.squint.eval.run.Run;
import dev.squint.eval.run.Sample;
import dev.squint.eval.run.TaskData;
import dev.squint.pruner.plan.PruningPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * The figures of one published run, with a sample of its questions.
 *
 * @param run the published run
 * @param figures its figures that a page shows
 * @param sets the questions of its command, read today
 * @param limit number of questions that are asked of each set, at most
 * @param seed seed of the sample
 */
public record Verification(
    PublishedRun run, List<PublishedFigure> figures, List<TaskData> sets, int limit, long seed) {

  /** Copies the lists. */
  public Verification {
    figures = List.copyOf(figures);
    sets = List.copyOf(sets);
  }

  /** The questions that are asked again, of the sets that are those of the run. */
  List<TaskData> sample() {
    return sets.stream()
        .filter(one -> figures.stream().anyMatch(figure -> figure.set().equals(one.set().name())))
        .filter(one -> fault(one).isEmpty())
        .map(one -> new TaskData(one.task(), Sample.of(one.set(), limit, seed)))
        .toList();
  }

  /** The plans that they are asked with, by the text of the figures. */
  Map<String, PruningPlan> plans() {
    Map<String, PruningPlan> plans = new LinkedHashMap<>();
    for (PublishedFigure figure : figures) {
      if (run.figures(figure.set(), figure.plan()).isPresent()) {
        plans.computeIfAbsent(figure.plan(), Baselines::parse);
      }
    }
    return plans;
  }

  /**
   * Asks the sample and judges the figures by the answers.
   *
   * @param load loads the model for some plans
   * @param progress shows the progress of a number of answers
   * @param doubt probability that the interval of a figure's sample misses a true figure
   */
  public List<FigureCheck> measure(
      Function<List<PruningPlan>, ModelAsker> load, LongFunction<Progress> progress, double doubt) {
    List<TaskData> sample = sample();
    Map<String, PruningPlan> plans = plans();
    Path folder = temporary();
    try (AnswerLog log = AnswerLog.open(folder)) {
      if (!sample.isEmpty() && !plans.isEmpty()) {
        List<PruningPlan> asked = List.copyOf(plans.values());
        long questions = sample.stream().mapToLong(one -> one.set().questions().size()).sum();
        ModelAsker asker = load.apply(asked);
        try {
          new Run(asker, asked, log, progress.apply(questions * asked.size())).ask(sample, 1);
        } finally {
          asker.model().close();
        }
      }
      return figures.stream().map(figure -> check(figure, plans, sample, log, doubt)).toList();
    } finally {
      delete(folder);
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("squint-verify");
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary folder can be made", e);
    }
  }

  private static void delete(Path folder) {
    try {
      Files.deleteIfExists(folder.resolve("answers.jsonl"));
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be removed", e);
    }
  }

  private FigureCheck check(
      PublishedFigure figure,
      Map<String, PruningPlan> plans,
      List<TaskData> sample,
      AnswerLog log,
      double doubt) {
    PruningPlan plan = plans.get(figure.plan());
    Optional<TaskData> whole = find(sets, figure.set());
    if (plan == null || whole.isEmpty()) {
      return FigureCheck.failed(figure, "%s has no such figure".formatted(run.folder()));
    }
    Optional<String> fault = fault(whole.get());
    if (fault.isPresent()) {
      return FigureCheck.failed(figure, fault.get());
    }
    List<String> asked = ids(find(sample, figure.set()).orElseThrow());
    List<Double> scores = new ArrayList<>();
    for (String id : asked) {
      AnswerLine line = log.find(figure.set(), plan.toString(), id);
      scores.add(Objects.requireNonNull(line, "the run is not finished").score());
    }
    return FigureCheck.of(
        figure, run, new FigureCheck.Sampled(ids(whole.get()), asked, scores), doubt);
  }

  /** Why a set cannot be compared with the run's. */
  private Optional<String> fault(TaskData set) {
    if (!set.task().gradings().get(0).aggregate().isMeanOfScores()) {
      return Optional.of(
          "a figure of %s is no mean of scores, so no sample can check it; repeat the run's command"
              .formatted(set.task().name()));
    }
    return Fingerprint.of(set).equals(run.run().identity().questionsSha256().get(set.set().name()))
        ? Optional.empty()
        : Optional.of(
            "the questions of %s are not those of the run: data, prompts or options changed; repeat the run's command"
                .formatted(set.set().name()));
  }

  private static Optional<TaskData> find(List<TaskData> sets, String name) {
    return sets.stream().filter(one -> one.set().name().equals(name)).findFirst();
  }

  private static List<String> ids(TaskData set) {
    return set.set().questions().stream().map(Question::id).toList();
  }
}
