package dev.squint.eval.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.squint.eval.metric.Interval;
import dev.squint.eval.report.PlanScores;
import dev.squint.eval.report.Summary;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.Machine;
import dev.squint.eval.run.RunFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A run of 90 questions, of which two of three are right: 66.7 [60, 73]. */
class FigureCheckTest {

  private static final Interval TRUE = new Interval(0.666667, 0.6, 0.73);
  private static final List<String> ALL =
      IntStream.range(0, 90).mapToObj(Integer::toString).toList();
  private static final List<Double> RIGHT =
      IntStream.range(0, 90).mapToObj(i -> i % 3 == 0 ? 0.0 : 1.0).toList();
  private static final PublishedFigure FIGURE = figure(TRUE, 0);

  @Test
  void trueFigure_holdsWithAndWithoutScores() throws JsonProcessingException {
    FigureCheck check = check(FIGURE, run(TRUE, RIGHT), 10, 70);
    assertThat(check.faults()).isEmpty();
    assertThat(check.asStored()).isEqualTo(60);
    assertThat(check.asked()).isEqualTo(60);
    assertThat(check(FIGURE, run(TRUE, null), 10, 70).asStored()).isEqualTo(-1);
    // The page may round.
    PublishedFigure rounded = figure(new Interval(0.667, 0.6, 0.73), 0.0005);
    assertThat(check(rounded, run(TRUE, RIGHT), 10, 70).holds()).isTrue();
    assertThat(check(FIGURE, run(TRUE, RIGHT), 0, 90).measured())
        .isEqualTo(new Interval(60.0 / 90, 60.0 / 90, 60.0 / 90));
  }

  @Test
  void pageThatDiffersFromTheRun_isNamed() throws JsonProcessingException {
    PublishedFigure page = figure(new Interval(0.68, 0.6, 0.73), 0.0005);
    assertThat(check(page, run(TRUE, RIGHT), 10, 70).faults())
        .containsExactly(Path.of("run", "summary.json") + " has 66.7 [60.0, 73.0]");
  }

  @Test
  void scoresWithAnotherMeanOrNumber_areNamed() throws JsonProcessingException {
    Interval other = new Interval(0.7, 0.62, 0.77);
    assertThat(check(figure(other, 0), run(other, RIGHT), 10, 70).faults())
        .containsExactly("the 90 scores of scores.jsonl have the mean 66.7");
    assertThat(check(FIGURE, run(TRUE, RIGHT.subList(0, 30)), 40, 50).faults().get(0))
        .startsWith("the 30 scores of scores.jsonl have the mean 66.7");
  }

  @Test
  void moreThanOneOfThirtyOtherScores_areNamed() throws JsonProcessingException {
    assertThat(check(FIGURE, run(TRUE, swapped(1)), 10, 70).faults()).isEmpty();
    FigureCheck check = check(FIGURE, run(TRUE, swapped(2)), 10, 70);
    assertThat(check.asStored()).isEqualTo(56);
    assertThat(check.faults())
        .containsExactly(
            "4 of 60 sampled questions have another score than stored: 12, 13, 15, 16");
  }

  /** The scores with some right questions wrong, and as many wrong ones right. */
  private static List<Double> swapped(int times) {
    List<Double> scores = new ArrayList<>(RIGHT);
    for (int i = 0; i < times; i++) {
      Collections.swap(scores, 12 + 3 * i, 13 + 3 * i);
    }
    return scores;
  }

  @Test
  void valueOutsideOfTheSamplesInterval_isNamed_howeverWideThePublishedOneIs()
      throws JsonProcessingException {
    // 40 of 60 were right; the interval of the sample is [56.7, 74.4].
    Interval low = new Interval(0.5, 0.3, 0.7);
    assertThat(check(figure(low, 0), run(low, null), 0, 60).faults())
        .containsExactly(
            "60 of 90 questions give 66.7 [56.7, 74.4], which does not contain the published value");
    Interval high = new Interval(0.8, 0.6, 1);
    assertThat(check(figure(high, 0), run(high, null), 0, 60).holds()).isFalse();
    Interval within = new Interval(0.72, 0.71, 0.73);
    assertThat(check(figure(within, 0), run(within, null), 0, 60).faults()).isEmpty();
  }

  @Test
  void allQuestionsAskedAgain_leaveRoomForAFewChangedAnswers() throws JsonProcessingException {
    // Of 90 answers 3 may change, which moves the sum by sqrt(3): 1.9 points.
    Interval near = new Interval(0.685, 0.6, 0.73);
    assertThat(check(figure(near, 0), run(near, null), 0, 90).faults()).isEmpty();
    Interval tampered = new Interval(0.69, 0.6, 0.73);
    assertThat(check(figure(tampered, 0), run(tampered, null), 0, 90).faults())
        .containsExactly(
            "90 of 90 questions give 66.7 [66.7, 66.7], which does not contain the published value");
  }

  @Test
  void storedScores_areComparedQuestionForQuestion_notByTheSamplesInterval()
      throws JsonProcessingException {
    // The 10 questions are right by chance, so their interval is above the figure.
    List<Double> scores = new ArrayList<>(Collections.nCopies(10, 1.0));
    scores.addAll(Collections.nCopies(80, 0.0));
    Interval eleven = new Interval(0.111111, 0.05, 0.2);
    FigureCheck.Sampled sampled =
        new FigureCheck.Sampled(ALL, ALL.subList(0, 10), scores.subList(0, 10));

    FigureCheck check = FigureCheck.of(figure(eleven, 0), run(eleven, scores), sampled, 0.01);

    assertThat(check.faults()).isEmpty();
    assertThat(check.asStored()).isEqualTo(10);
    assertThat(FigureCheck.of(figure(eleven, 0), run(eleven, null), sampled, 0.01).holds())
        .isFalse();
  }

  @Test
  void figureThatTheRunDoesNotHave_isNamed() throws JsonProcessingException {
    PublishedFigure other = new PublishedFigure("page.md:3", "text", "none", TRUE, 0);
    assertThat(check(other, run(TRUE, null), 0, 60).faults())
        .containsExactly("run has no such figure");
  }

  private static PublishedFigure figure(Interval shown, double rounding) {
    return new PublishedFigure("page.md:3", "shapes", "none", shown, rounding);
  }

  private static FigureCheck check(PublishedFigure figure, PublishedRun run, int from, int to) {
    FigureCheck.Sampled sampled =
        new FigureCheck.Sampled(ALL, ALL.subList(from, to), RIGHT.subList(from, to));
    return FigureCheck.of(figure, run, sampled, 0.01);
  }

  private static PublishedRun run(Interval accuracy, @Nullable List<Double> scores)
      throws JsonProcessingException {
    Summary summary =
        JsonFiles.MAPPER.readValue(
            """
            {"model": "m", "families": [{"name": "shapes", "questions": 90, "pictures": 90,
              "plans": [{"plan": "none", "accuracy": {"value": %s, "low": %s, "high": %s}}]}]}
            """
                .formatted(accuracy.value(), accuracy.low(), accuracy.high()),
            Summary.class);
    RunFile file =
        new RunFile(
            new RunFile.Identity("m", "v", "0", Map.of()),
            List.of("none"),
            List.of("squint", "eval", "x"),
            Map.of(),
            Machine.here(),
            1,
            null);
    List<PlanScores> stored =
        scores == null ? List.of() : List.of(new PlanScores("shapes", "none", scores));
    return new PublishedRun(Path.of("run"), file, summary, stored);
  }
}
