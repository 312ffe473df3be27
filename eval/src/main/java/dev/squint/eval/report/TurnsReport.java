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
   * @param eachTurn asked behind the first question, with tokens chosen for the second one
   * @param firstTurn with the tokens that were chosen for the first question
   * @param difference firstTurn minus eachTurn, paired by question
   * @param objectsEachTurn kept share of the tokens on the second question's objects; null without
   *     boxes
   * @param objectsFirstTurn the same with the tokens that were chosen for the first question
   * @param dropped number of questions of whose objects the first question's choice has no token
   * @param droppedEachTurn share of right answers to these with tokens chosen for them; null if
   *     none
   * @param droppedFirstTurn the same with the tokens that were chosen for the first question
   * @param reusedEachTurn share of the prompt that was there since the first question
   * @param reusedFirstTurn the same with the tokens that were chosen for the first question
   */
  public record PlanTurns(
      String set,
      String plan,
      int questions,
      Interval alone,
      Interval eachTurn,
      Interval firstTurn,
      Interval difference,
      @Nullable Double objectsEachTurn,
      @Nullable Double objectsFirstTurn,
      int dropped,
      @Nullable Interval droppedEachTurn,
      @Nullable Interval droppedFirstTurn,
      double reusedEachTurn,
      double reusedFirstTurn) {}

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
        mean(rows, row -> row.eachTurn().score()),
        mean(rows, row -> row.firstTurn().score()),
        mean(rows, row -> row.firstTurn().score() - row.eachTurn().score()),
        objects(rows, TurnRow::eachTurn),
        objects(rows, TurnRow::firstTurn),
        dropped.size(),
        dropped.isEmpty() ? null : mean(dropped, row -> row.eachTurn().score()),
        dropped.isEmpty() ? null : mean(dropped, row -> row.firstTurn().score()),
        reused(rows, TurnRow::eachTurn),
        reused(rows, TurnRow::firstTurn));
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
              percent(one.eachTurn()),
              percent(one.firstTurn()),
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
      row.add(percent(one.objectsEachTurn()));
      row.add(percent(one.objectsFirstTurn()));
      row.add(Integer.toString(one.dropped()));
      row.add(one.droppedEachTurn() == null ? "" : percent(one.droppedEachTurn()));
      row.add(one.droppedFirstTurn() == null ? "" : percent(one.droppedFirstTurn()));
      row.add(percent(one.reusedEachTurn()));
      row.add(percent(one.reusedFirstTurn()));
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
