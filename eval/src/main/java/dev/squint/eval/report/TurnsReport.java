package dev.squint.eval.report;

import dev.squint.eval.metric.Bootstrap;
import dev.squint.eval.metric.Interval;
import dev.squint.eval.run.ObjectTokens;
import dev.squint.eval.run.TurnRow;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The tables of second questions: {@code turns.md}. */
public final class TurnsReport {

  private TurnsReport() {}

  /**
   * The figures of a plan on a data set.
   *
   * @param set name of the data set
   * @param plan the plan's text
   * @param questions number of second questions
   * @param alone share of right answers, asked alone
   * @param again asked behind the first question, with tokens chosen for the second one
   * @param first with the tokens that were chosen for the first question
   * @param difference first minus again, paired by question
   * @param objectsAgain kept share of the tokens on the second question's objects; null without
   *     boxes
   * @param objectsFirst the same with the tokens that were chosen for the first question
   * @param dropped number of questions of whose objects the first question's choice has no token
   * @param droppedAgain share of right answers to these with tokens chosen for them; null if none
   * @param droppedFirst the same with the tokens that were chosen for the first question
   * @param reusedAgain share of the prompt that was there since the first question
   * @param reusedFirst the same with the tokens that were chosen for the first question
   */
  public record PlanTurns(
      String set,
      String plan,
      int questions,
      Interval alone,
      Interval again,
      Interval first,
      Interval difference,
      @Nullable Double objectsAgain,
      @Nullable Double objectsFirst,
      int dropped,
      @Nullable Interval droppedAgain,
      @Nullable Interval droppedFirst,
      double reusedAgain,
      double reusedFirst) {}

  /** Computes the figures, plan by plan in the order of the rows. */
  public static List<PlanTurns> figures(List<TurnRow> rows) {
    Set<List<String>> keys = new LinkedHashSet<>();
    rows.forEach(row -> keys.add(List.of(row.set(), row.plan())));
    return keys.stream()
        .map(
            key ->
                of(
                    rows.stream()
                        .filter(row -> key.equals(List.of(row.set(), row.plan())))
                        .toList()))
        .toList();
  }

  private static PlanTurns of(List<TurnRow> rows) {
    List<TurnRow> dropped = rows.stream().filter(TurnRow::dropped).toList();
    return new PlanTurns(
        rows.get(0).set(),
        rows.get(0).plan(),
        rows.size(),
        mean(rows, row -> row.alone().score()),
        mean(rows, row -> row.again().score()),
        mean(rows, row -> row.first().score()),
        mean(rows, row -> row.first().score() - row.again().score()),
        objects(rows, TurnRow::again),
        objects(rows, TurnRow::first),
        dropped.size(),
        dropped.isEmpty() ? null : mean(dropped, row -> row.again().score()),
        dropped.isEmpty() ? null : mean(dropped, row -> row.first().score()),
        reused(rows, TurnRow::again),
        reused(rows, TurnRow::first));
  }

  private static Interval mean(List<TurnRow> rows, ToDoubleFunction<TurnRow> figure) {
    return Bootstrap.mean(
        rows.stream().map(TurnRow::cluster).toList(), rows.stream().mapToDouble(figure).toArray());
  }

  private static @Nullable Double objects(
      List<TurnRow> rows, Function<TurnRow, TurnRow.Asked> way) {
    double all = 0;
    double kept = 0;
    for (TurnRow row : rows) {
      ObjectTokens objects = way.apply(row).objects();
      all += objects == null ? 0 : objects.all();
      kept += objects == null ? 0 : objects.kept();
    }
    return all == 0 ? null : (Double) (kept / all);
  }

  private static double reused(List<TurnRow> rows, Function<TurnRow, TurnRow.Asked> way) {
    double reused = rows.stream().mapToDouble(row -> way.apply(row).reusedTokens()).sum();
    return reused / rows.stream().mapToDouble(row -> way.apply(row).promptTokens()).sum();
  }

  /**
   * Returns the tables as Markdown.
   *
   * @param model name of the model
   * @param command the command that measured them
   */
  public static String text(String model, List<String> command, List<PlanTurns> figures) {
    StringBuilder text = new StringBuilder();
    text.append("# %s: second questions of conversations\n\n".formatted(model))
        .append(
            "*Alone*: without the first question. *Each turn*: the plan chooses tokens for the second question. *First turn*: the tokens that the plan chose for the first question are kept, as if the picture was pruned once. Per cent, with 95 % intervals (bootstrap over pictures).\n");
    Set<String> sets = new LinkedHashSet<>();
    figures.forEach(one -> sets.add(one.set()));
    for (String set : sets) {
      List<PlanTurns> of = figures.stream().filter(one -> one.set().equals(set)).toList();
      text.append(
          "\n## %s: right answers to %d questions\n\n".formatted(set, of.get(0).questions()));
      text.append(accuracy(of));
      text.append(
          "\n### Tokens on the objects of the second question, and reused prompts\n\nKept per cent of these tokens; number of questions of whose objects the first turn's tokens have none, and per cent right on those; reused per cent of the second prompt.\n\n");
      text.append(evidence(of));
    }
    return text.append(
            "\n## Reproduction\n\n- command: `%s`\n".formatted(String.join(" ", command)))
        .toString();
  }

  private static MarkdownTable accuracy(List<PlanTurns> figures) {
    MarkdownTable table =
        new MarkdownTable(
            List.of("plan", "alone", "each turn", "first turn", "first turn - each turn"));
    for (PlanTurns one : figures) {
      table.row(
          List.of(
              "`" + one.plan() + "`",
              percent(one.alone()),
              percent(one.again()),
              percent(one.first()),
              percent(one.difference())));
    }
    return table;
  }

  private static MarkdownTable evidence(List<PlanTurns> figures) {
    MarkdownTable table =
        new MarkdownTable(
            List.of(
                "plan",
                "kept: each turn",
                "kept: first turn",
                "without any",
                "right: each turn",
                "right: first turn",
                "reused: each turn",
                "reused: first turn"));
    for (PlanTurns one : figures) {
      List<String> row = new ArrayList<>();
      row.add("`" + one.plan() + "`");
      row.add(percent(one.objectsAgain()));
      row.add(percent(one.objectsFirst()));
      row.add(Integer.toString(one.dropped()));
      row.add(one.droppedAgain() == null ? "" : percent(one.droppedAgain()));
      row.add(one.droppedFirst() == null ? "" : percent(one.droppedFirst()));
      row.add(percent(one.reusedAgain()));
      row.add(percent(one.reusedFirst()));
      table.row(row);
    }
    return table;
  }

  private static String percent(@Nullable Double share) {
    return share == null ? "" : String.format(Locale.ROOT, "%.1f", 100 * share);
  }

  private static String percent(Interval interval) {
    return String.format(
        Locale.ROOT,
        "%.1f [%.1f, %.1f]",
        100 * interval.value(),
        100 * interval.low(),
        100 * interval.high());
  }
}
