package dev.squint.eval.report;

import dev.squint.eval.metric.Interval;
import dev.squint.eval.run.AnswerLine;
import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.TaskData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Precision variants of a model on the same questions: accuracy, times, and how many answers equal
 * those of the first variant.
 *
 * @param rows by data set, plan and variant, in the order of the runs
 */
public record VariantComparison(List<Row> rows) {

  /**
   * A finished run of one variant.
   *
   * @param variant the value of {@code --variant}
   * @param figures its figures
   * @param folder the folder of its answers
   */
  public record VariantRun(String variant, RunFigures figures, Path folder) {}

  /**
   * One variant on one data set under one plan.
   *
   * @param set the data set
   * @param plan the plan
   * @param variant the value of {@code --variant}
   * @param accuracy share of right answers with its interval
   * @param sameAnswers share of answers whose text equals that of the first variant
   * @param times median times
   */
  public record Row(
      String set,
      String plan,
      String variant,
      Interval accuracy,
      double sameAnswers,
      Times times) {}

  /** Copies the list. */
  public VariantComparison {
    rows = List.copyOf(rows);
  }

  /** Compares runs with the first of them. */
  public static VariantComparison of(List<TaskData> sets, List<VariantRun> runs) {
    List<Row> rows = new ArrayList<>();
    try (AnswerLog first = AnswerLog.open(runs.get(0).folder())) {
      for (int s = 0; s < sets.size(); s++) {
        List<Figures> plans = runs.get(0).figures().summary().families().get(s).plans();
        for (int p = 0; p < plans.size(); p++) {
          for (VariantRun run : runs) {
            rows.add(row(sets.get(s), s, p, run, first));
          }
        }
      }
    }
    return new VariantComparison(rows);
  }

  private static Row row(TaskData data, int set, int plan, VariantRun run, AnswerLog first) {
    Figures figures = run.figures().summary().families().get(set).plans().get(plan);
    String name = data.set().name();
    try (AnswerLog log = AnswerLog.open(run.folder())) {
      long same =
          data.set().questions().stream()
              .filter(
                  question ->
                      text(log.find(name, figures.plan(), question.id()))
                          .equals(text(first.find(name, figures.plan(), question.id()))))
              .count();
      return new Row(
          name,
          figures.plan(),
          run.variant(),
          figures.accuracy(),
          (double) same / data.set().questions().size(),
          run.figures().timings().get(set).plans().get(plan));
    }
  }

  private static String text(@Nullable AnswerLine line) {
    return line == null ? "" : line.answer();
  }

  /** Writes variants.json and variants.md. */
  public void write(Path folder) {
    JsonFiles.write(folder.resolve("variants.json"), rows);
    JsonFiles.writeText(folder.resolve("variants.md"), table());
  }

  /** The comparison as a Markdown table. */
  public String table() {
    MarkdownTable table =
        new MarkdownTable(
            List.of(
                "data set",
                "plan",
                "variant",
                "accuracy (%)",
                "95 % interval",
                "same answers as first (%)",
                "encode (ms)",
                "prefill (ms)",
                "decode (ms)"),
            3);
    for (Row row : rows) {
      table.row(
          List.of(
              row.set(),
              "`" + row.plan() + "`",
              "`" + row.variant() + "`",
              percent(row.accuracy().value()),
              percent(row.accuracy().low()) + " to " + percent(row.accuracy().high()),
              percent(row.sameAnswers()),
              number(row.times().encode()),
              number(row.times().prefill()),
              number(row.times().decode())));
    }
    return table.toString();
  }

  private static String percent(double share) {
    return number(100 * share);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
