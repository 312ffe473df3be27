package dev.squint.eval.report;

import dev.squint.eval.metric.Interval;
import dev.squint.eval.run.RunFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/** The tables of a run: {@code summary.md}. */
public final class MarkdownReport {

  private final RunFile run;
  private final Summary summary;
  private final List<DataSetReport.Timing> timings;

  /** Creates the report of a run. */
  public MarkdownReport(RunFile run, Summary summary, List<DataSetReport.Timing> timings) {
    this.run = run;
    this.summary = summary;
    this.timings = List.copyOf(timings);
  }

  /** Returns the report as Markdown. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        "# %s: %d plans on %d data sets\n\n"
            .formatted(summary.model(), summary.planNames().size(), summary.families().size()));
    text.append(failures())
        .append("## Accuracy\n\n")
        .append("Per cent, with 95 % intervals (bootstrap over pictures).\n\n")
        .append(byPlan(figures -> interval(figures.accuracy())))
        .append(new OtherScorings(summary).text())
        .append("\n## Difference from the unpruned answers\n\n")
        .append("Percentage points of accuracy, paired by question, with 95 % intervals.\n\n")
        .append(byPlan(figures -> figures.difference() == null ? "" : signed(figures.difference())))
        .append(new RandomComparison(summary).text())
        .append("\n## Relative accuracy\n\nPer cent of the accuracy without pruning.\n\n")
        .append(byPlan(figures -> figures.relative() == null ? "" : percent(figures.relative())))
        .append("\n## Hard questions\n\n")
        .append(
            "Accuracy on the questions that are right without pruning and wrong with `tiles:downsample` at the same share of tokens (number of questions).\n\n")
        .append(byPlan(MarkdownReport::hard))
        .append("\n## Tokens on the objects of the questions\n\n")
        .append(
            "Kept per cent of the tokens on the objects (of all tokens, as a random choice would keep); per cent of the questions with a kept token on their objects.\n\n")
        .append(byPlan(MarkdownReport::objects))
        .append("\n## Operations until the first token\n\n")
        .append(
            "Prefill in GFLOP as FastV / SwiGLU MACs / full / grouped-query; vision encoder; pruner.\n\n")
        .append(byPlan(MarkdownReport::costs))
        .append("\n## Agreement with the unpruned answers\n\nPer cent.\n\n")
        .append(byPlan(figures -> percent(figures.agreement())))
        .append("\n## Visual tokens kept\n\n")
        .append(
            "Mean (95th percentile) of the tokens in the prompt; for plans that prune between layers, also the mean per layer.\n\n")
        .append(byPlan(MarkdownReport::tokens))
        .append("\n## KV cache\n\nMean KiB at the end of an answer.\n\n")
        .append(byPlan(figures -> number("%.1f", figures.kvBytesMean() / 1024)))
        .append(times())
        .append(kinds())
        .append(circumstances());
    return text.toString();
  }

  private String failures() {
    StringBuilder text = new StringBuilder();
    for (DataSetReport family : summary.families()) {
      int failed = family.plans().stream().mapToInt(Figures::failed).sum();
      if (failed > 0) {
        text.append(
            "**%d of %d answers on %s are missing and count as wrong**; the field `error` in answers.jsonl says why.\n\n"
                .formatted(failed, family.plans().size() * family.questions(), family.name()));
      }
    }
    return text.toString();
  }

  private MarkdownTable byPlan(Function<Figures, String> cell) {
    return table((family, plan) -> cell.apply(summary.families().get(family).plans().get(plan)));
  }

  private MarkdownTable table(BiFunction<Integer, Integer, String> cell) {
    List<String> header = new ArrayList<>(List.of("plan"));
    summary.families().forEach(family -> header.add(family.name()));
    MarkdownTable table = new MarkdownTable(header);
    List<String> plans = summary.planNames();
    for (int p = 0; p < plans.size(); p++) {
      List<String> row = new ArrayList<>(List.of("`" + plans.get(p) + "`"));
      for (int f = 0; f < summary.families().size(); f++) {
        row.add(cell.apply(f, p));
      }
      table.row(row);
    }
    return table;
  }

  private String times() {
    StringBuilder text = new StringBuilder("\n## Times\n\n");
    text.append(
        "Medians in milliseconds. The encoding time of cached pictures is included in each answer.\n");
    for (DataSetReport.Timing family : timings) {
      MarkdownTable table =
          new MarkdownTable(
              List.of("plan", "preprocess", "encode", "prune", "prefill", "decode", "first token"));
      for (Times times : family.plans()) {
        table.row(
            Stream.concat(
                    Stream.of("`" + times.plan() + "`"),
                    Stream.of(
                            times.preprocess(),
                            times.encode(),
                            times.prune(),
                            times.prefill(),
                            times.decode(),
                            times.ttft())
                        .map(millis -> number("%.1f", millis)))
                .toList());
      }
      text.append("\n### ").append(family.name()).append("\n\n").append(table);
    }
    return text.toString();
  }

  private String kinds() {
    StringBuilder text = new StringBuilder("\n## By kind of question\n\nAccuracy in per cent.\n");
    for (DataSetReport family : summary.families()) {
      List<String> header = new ArrayList<>(List.of("plan"));
      Figures first = family.plans().get(0);
      first
          .kinds()
          .forEach((kind, part) -> header.add("%s (%d)".formatted(kind, part.questions())));
      if (first.unseen() != null) {
        header.add("unseen (%d)".formatted(first.unseen().questions()));
      }
      MarkdownTable table = new MarkdownTable(header);
      for (Figures figures : family.plans()) {
        List<String> row = new ArrayList<>(List.of("`" + figures.plan() + "`"));
        figures.kinds().values().forEach(part -> row.add(interval(part.accuracy())));
        if (figures.unseen() != null) {
          row.add(interval(figures.unseen().accuracy()));
        }
        table.row(row);
      }
      text.append(
          "\n### %s: %d questions about %d pictures\n\n"
              .formatted(family.name(), family.questions(), family.pictures()));
      text.append(table);
    }
    return text.toString();
  }

  private String circumstances() {
    RunFile.Identity identity = run.identity();
    StringBuilder text = new StringBuilder("\n## Reproduction\n\n");
    text.append("- command: `%s`\n".formatted(String.join(" ", run.command())));
    text.append("- model: %s, SHA-256 %s\n".formatted(identity.model(), identity.modelSha256()));
    text.append("- graphs: %s\n".formatted(identity.variant()));
    identity
        .questionsSha256()
        .forEach(
            (set, hash) -> text.append("- questions of %s: SHA-256 %s\n".formatted(set, hash)));
    run.versions().forEach((name, version) -> text.append("- %s: %s\n".formatted(name, version)));
    text.append(
        "- machine: %s, %d cores, maximum heap %d MiB, %s, Java %s, %d pictures in parallel\n"
            .formatted(
                run.machine().processor(),
                run.machine().cores(),
                run.machine().memoryMegabytes(),
                run.machine().system(),
                run.machine().java(),
                run.threads()));
    return text.toString();
  }

  private static String interval(Interval interval) {
    return "%s [%s, %s]"
        .formatted(percent(interval.value()), percent(interval.low()), percent(interval.high()));
  }

  private static String signed(Interval interval) {
    return "%s [%s, %s]"
        .formatted(
            number("%+.1f", 100 * interval.value()),
            number("%+.1f", 100 * interval.low()),
            number("%+.1f", 100 * interval.high()));
  }

  private static String hard(Figures figures) {
    Figures.Kind hard = figures.hard();
    return hard == null ? "" : "%s (%d)".formatted(interval(hard.accuracy()), hard.questions());
  }

  private static String objects(Figures figures) {
    Figures.Objects objects = figures.objects();
    if (objects == null) {
      return "";
    }
    String kept =
        "%s (%s)".formatted(percent(objects.keptOnThings()), percent(objects.keptAnywhere()));
    return objects.found() == null ? kept : kept + "; " + percent(objects.found());
  }

  private static String costs(Figures figures) {
    Figures.Costs costs = figures.flops();
    return costs == null
        ? ""
        : "%s / %s / %s / %s; %s; %s"
            .formatted(
                giga(costs.prefill().fastv()),
                giga(costs.prefill().swigluMacs()),
                giga(costs.prefill().full()),
                giga(costs.prefill().grouped()),
                giga(costs.encoder()),
                costs.pruner() == null ? "not counted" : pruner(costs.pruner()));
  }

  // Most methods need a thousandth of the other operations; some only compare values.
  private static String pruner(double operations) {
    return operations == 0 ? "0" : number("%.6f", operations / 1e9);
  }

  private static String giga(double operations) {
    return number("%.3f", operations / 1e9);
  }

  private static String tokens(Figures figures) {
    Figures.Tokens tokens = figures.tokens();
    String text =
        "%s (%s)".formatted(number("%.1f", tokens.keptMean()), number("%.0f", tokens.keptP95()));
    return tokens.layerMean() == tokens.keptMean()
        ? text
        : "%s; %s per layer".formatted(text, number("%.1f", tokens.layerMean()));
  }

  private static String percent(double share) {
    return number("%.1f", 100 * share);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
