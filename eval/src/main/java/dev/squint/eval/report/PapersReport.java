package dev.squint.eval.report;

import dev.squint.eval.run.RunFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Compares published results with a run's results at the same share of tokens. */
public final class PapersReport {

  private static final int COLUMNS = 120;

  private final RunFile run;
  private final Summary summary;

  /** Creates the report of a run. */
  public PapersReport(RunFile run, Summary summary) {
    this.run = run;
    this.summary = summary;
  }

  /** Returns the report as Markdown. */
  public String text() {
    List<String> families = summary.families().stream().map(DataSetReport::name).toList();
    StringBuilder text = new StringBuilder();
    text.append("# Published and measured results\n\n")
        .append(
            lines(
                "What each paper reports for its model, and the results of `%s` at the same share of visual tokens. The papers' models are about a thousand times larger and use other questions: the columns show whether a method behaves as published, not which model is better."
                    .formatted(summary.model())))
        .append("\n")
        .append(
            lines(
                "*Relative* is accuracy in per cent of the accuracy without pruning; the mean is over the data sets. `random` is a random choice of the same share of tokens at the same point; methods that are not above it are marked. *tokens here* is the share of visual tokens in the first decoder layer."))
        .append("\n");
    List<String> header =
        new ArrayList<>(List.of("method", "plan here", "paper: relative", "here: relative"));
    header.addAll(families);
    header.addAll(List.of("random", "tokens here"));
    MarkdownTable table = new MarkdownTable(header);
    StringBuilder notes = new StringBuilder("\n## Published figures and differences\n\n");
    for (PublishedResult published : PublishedResult.all()) {
      row(table, published);
      notes.append(
          lines(
              "- **%s** (%s), %s: %s. Here: %s."
                  .formatted(
                      published.method(),
                      published.paper(),
                      published.model(),
                      published.headline(),
                      published.differs())));
    }
    text.append(table).append(notes).append("\n## Reproduction\n\n");
    text.append("- run: `%s`\n".formatted(String.join(" ", run.command())));
    text.append(
        "- model: %s, SHA-256 %s\n".formatted(summary.model(), run.identity().modelSha256()));
    summary
        .families()
        .forEach(
            family ->
                text.append("- %s: %d questions\n".formatted(family.name(), family.questions())));
    return text.toString();
  }

  /** A paragraph in lines of at most 120 columns; those of a list item are indented. */
  private static String lines(String paragraph) {
    String indent = paragraph.startsWith("- ") ? "  " : "";
    StringBuilder text = new StringBuilder();
    int column = 0;
    for (String word : paragraph.split(" ", -1)) {
      if (column > 0 && column + 1 + word.length() > COLUMNS) {
        text.append("\n").append(indent);
        column = indent.length();
      } else if (column > 0) {
        text.append(" ");
        column++;
      }
      text.append(word);
      column += word.length();
    }
    return text.append("\n").toString();
  }

  private void row(MarkdownTable table, PublishedResult published) {
    List<@Nullable Double> left = relative(published.plan());
    OptionalDouble mean = mean(left);
    OptionalDouble blind = blind(published);
    List<String> row = new ArrayList<>();
    boolean loses =
        mean.isPresent() && blind.isPresent() && mean.getAsDouble() <= blind.getAsDouble();
    row.add(published.method() + (loses ? " (not above random)" : ""));
    row.add("`" + published.plan() + "`");
    row.add(published.relative() == null ? "" : number(published.relative()));
    row.add(mean.isEmpty() ? "not measured" : percent(mean));
    left.forEach(one -> row.add(one == null ? "" : number(100 * one)));
    row.add(percent(blind));
    row.add(percent(tokens(published.plan())));
    table.row(row);
  }

  private Optional<Figures> figures(DataSetReport family, String plan) {
    return family.plans().stream().filter(figures -> figures.plan().equals(plan)).findFirst();
  }

  private List<@Nullable Double> relative(String plan) {
    List<@Nullable Double> left = new ArrayList<>();
    for (DataSetReport family : summary.families()) {
      left.add(figures(family, plan).map(Figures::relative).orElse(null));
    }
    return left;
  }

  private OptionalDouble blind(PublishedResult published) {
    return published.blind().map(plan -> mean(relative(plan))).orElse(OptionalDouble.empty());
  }

  private OptionalDouble tokens(String plan) {
    return summary.families().stream()
        .flatMap(family -> figures(family, plan).stream())
        .map(Figures::tokens)
        .mapToDouble(tokens -> tokens.keptMean() / tokens.encodedMean())
        .average();
  }

  private static OptionalDouble mean(List<@Nullable Double> values) {
    return values.stream().filter(value -> value != null).mapToDouble(value -> value).average();
  }

  private static String percent(OptionalDouble share) {
    return share.isEmpty() ? "" : number(100 * share.getAsDouble());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
