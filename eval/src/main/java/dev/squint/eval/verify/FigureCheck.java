package dev.squint.eval.verify;

import dev.squint.eval.metric.Interval;
import dev.squint.eval.metric.SampledShare;
import dev.squint.eval.report.Figures;
import dev.squint.eval.report.PlanScores;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A published figure, what a sample of its questions gives today, and what contradicts it.
 *
 * @param figure the published figure
 * @param measured share of right answers in the sample, with its interval for all questions; null
 *     if nothing was asked
 * @param asked number of questions of the sample
 * @param asStored how many of them have the stored score; -1 if the run has no scores
 * @param faults what contradicts the figure; empty if nothing does
 */
public record FigureCheck(
    PublishedFigure figure,
    @Nullable Interval measured,
    int asked,
    int asStored,
    List<String> faults) {

  /** Of how many sampled questions one may have another score, by another processor's rounding. */
  private static final int ONE_OF = 30;

  /** Copies the list. */
  public FigureCheck {
    faults = List.copyOf(faults);
  }

  /** A figure whose questions cannot be asked. */
  public static FigureCheck failed(PublishedFigure figure, String fault) {
    return new FigureCheck(figure, null, 0, -1, List.of(fault));
  }

  /**
   * The questions of a run, some of which were asked.
   *
   * @param all ids of all questions of the run, in its order
   * @param asked ids of those that were asked
   * @param scores their scores
   */
  public record Sampled(List<String> all, List<String> asked, List<Double> scores) {
    /** Copies the lists. */
    public Sampled {
      all = List.copyOf(all);
      asked = List.copyOf(asked);
      scores = List.copyOf(scores);
    }
  }

  /**
   * Judges a figure: the page must show what the run's files have. Stored scores must have the
   * figure as their mean, and few sampled questions may have another score. Without stored scores,
   * the sample's own interval must contain the figure; how wide the published interval is does not
   * matter, since it is about other questions than those of the run.
   *
   * @param doubt probability that the sample's interval misses a true figure
   */
  public static FigureCheck of(
      PublishedFigure figure, PublishedRun run, Sampled sampled, double doubt) {
    Optional<Figures> found = run.figures(figure.set(), figure.plan());
    if (found.isEmpty()) {
      return failed(figure, "%s has no such figure".formatted(run.folder()));
    }
    List<String> faults = new ArrayList<>();
    Interval file = found.get().accuracy();
    if (!figure.shows(file)) {
      faults.add("%s has %s".formatted(run.folder().resolve("summary.json"), text(file)));
    }
    double right = sampled.scores().stream().mapToDouble(Double::doubleValue).sum();
    int asked = sampled.asked().size();
    Interval measured = SampledShare.of(right, asked, sampled.all().size(), doubt);
    int asStored = -1;
    Optional<PlanScores> stored = run.scores(figure.set(), figure.plan());
    if (stored.isPresent()) {
      asStored = compare(stored.get(), file, sampled, faults);
    } else if (!contains(measured, figure, asked)) {
      faults.add(
          "%d of %d questions give %s, which does not contain the published value"
              .formatted(asked, sampled.all().size(), text(measured)));
    }
    return new FigureCheck(figure, measured, asked, asStored, faults);
  }

  // As many right answers turn wrong as wrong ones right: n changes move their sum by sqrt(n).
  private static boolean contains(Interval measured, PublishedFigure figure, int asked) {
    double slack = figure.rounding() + Math.sqrt(changes(asked)) / asked + 1e-6;
    double published = figure.shown().value();
    return published >= measured.low() - slack && published <= measured.high() + slack;
  }

  private static int changes(int asked) {
    return asked / ONE_OF;
  }

  private static int compare(
      PlanScores stored, Interval file, Sampled sampled, List<String> faults) {
    int all = sampled.all().size();
    if (stored.scores().size() != all || Math.abs(stored.mean() - file.value()) > 2e-6) {
      faults.add(
          "the %d scores of %s have the mean %.1f"
              .formatted(stored.scores().size(), PlanScores.FILE, 100 * stored.mean()));
    }
    List<String> changed = new ArrayList<>();
    for (int i = 0; i < sampled.asked().size(); i++) {
      int place = sampled.all().indexOf(sampled.asked().get(i));
      boolean same =
          place < stored.scores().size()
              && Math.abs(stored.scores().get(place) - sampled.scores().get(i)) < 1e-5;
      if (!same) {
        changed.add(sampled.asked().get(i));
      }
    }
    if (changed.size() > changes(sampled.asked().size())) {
      faults.add(
          "%d of %d sampled questions have another score than stored: %s"
              .formatted(changed.size(), sampled.asked().size(), String.join(", ", changed)));
    }
    return sampled.asked().size() - changed.size();
  }

  /** Whether nothing contradicts the figure. */
  public boolean holds() {
    return faults.isEmpty();
  }

  /** An interval in per cent. */
  public static String text(Interval interval) {
    return String.format(
        Locale.ROOT,
        "%.1f [%.1f, %.1f]",
        100 * interval.value(),
        100 * interval.low(),
        100 * interval.high());
  }
}
