package dev.squint.eval.report;

import dev.squint.eval.metric.Interval;
import dev.squint.eval.report.Charts.PlanPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/** A run as one self-contained HTML page with charts, examples and tables. */
public final class HtmlReport {

  private static final String STYLE =
      """
      body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
      h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 2.5rem; border-bottom: 1px solid #ddd; }
      table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; font-size: 13px; }
      th, td { padding: .25rem .6rem; border-bottom: 1px solid #eee; white-space: nowrap; }
      th { text-align: left; background: #f6f6f6; }
      svg { max-width: 100%; height: auto; }
      .examples { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 1rem; }
      figure { margin: 0; border: 1px solid #ddd; padding: .6rem; border-radius: 4px; }
      figure img { max-width: 100%; image-rendering: pixelated; } figcaption { font-size: 13px; }
      .win { border-left: 5px solid #2a9d4a; } .loss { border-left: 5px solid #c8372d; }
      """;

  private final Summary summary;
  private final List<DataSetReport.Timing> timings;
  private final List<Example> examples;
  private final String markdown;
  private final Path maps;

  /**
   * Creates the page of a run.
   *
   * @param markdown the tables
   * @param maps folder with the maps of the examples
   */
  public HtmlReport(
      Summary summary,
      List<DataSetReport.Timing> timings,
      List<Example> examples,
      String markdown,
      Path maps) {
    this.summary = summary;
    this.timings = List.copyOf(timings);
    this.examples = List.copyOf(examples);
    this.markdown = markdown;
    this.maps = maps;
  }

  /** Returns the page. */
  public String page() {
    StringBuilder body = new StringBuilder();
    body.append("<h1>Squint: %s</h1>\n".formatted(escaped(summary.model())));
    body.append(budgets(summary, BudgetCurves.of(summary)));
    for (int f = 0; f < summary.families().size(); f++) {
      body.append(family(summary.families().get(f), timings.get(f)));
    }
    body.append(tables());
    return """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Squint: %s</title>
        <style>
        %s</style>
        </head>
        <body>
        %s</body>
        </html>
        """
        .formatted(escaped(summary.model()), STYLE, body);
  }

  /**
   * Draws curves of {@link BudgetCurves} as an SVG file.
   *
   * @return an empty text if there are none
   */
  public static String budgets(Summary summary, List<BudgetCurves.Curve> curves) {
    return curves.isEmpty()
        ? ""
        : Charts.curves(
            "Accuracy against the budget, mean of the data sets",
            curves,
            BudgetCurves.unpruned(summary));
  }

  private String family(DataSetReport family, DataSetReport.Timing timing) {
    StringBuilder text = new StringBuilder();
    text.append(
        "<h2>%s</h2>\n<p>%d questions about %d pictures or clips.</p>\n"
            .formatted(escaped(family.name()), family.questions(), family.pictures()));
    List<PlanPoint> byTokens = new ArrayList<>();
    List<PlanPoint> byTime = new ArrayList<>();
    for (int p = 0; p < family.plans().size(); p++) {
      Figures figures = family.plans().get(p);
      Interval accuracy = figures.accuracy();
      double error = 50 * (accuracy.high() - accuracy.low());
      byTokens.add(
          new PlanPoint(
              figures.plan(), figures.tokens().layerMean(), 100 * accuracy.value(), error));
      byTime.add(
          new PlanPoint(
              figures.plan(), timing.plans().get(p).ttft(), 100 * accuracy.value(), error));
    }
    text.append(
        Charts.scatter("Accuracy against visual tokens kept", "tokens per layer, mean", byTokens));
    text.append(
        Charts.scatter("Accuracy against measured time", "time to first token, median ms", byTime));
    text.append(kinds(family));
    text.append(examples(family.name()));
    return text.toString();
  }

  private static String kinds(DataSetReport family) {
    List<String> kinds = List.copyOf(family.plans().get(0).kinds().keySet());
    double[][] accuracies =
        family.plans().stream()
            .map(
                figures ->
                    figures.kinds().values().stream()
                        .mapToDouble(kind -> 100 * kind.accuracy().value())
                        .toArray())
            .toArray(double[][]::new);
    List<String> plans = family.plans().stream().map(Figures::plan).toList();
    return Charts.bars("Accuracy by kind of question", kinds, plans, accuracies);
  }

  private String examples(String set) {
    StringBuilder text = new StringBuilder();
    for (Example example : examples) {
      if (example.set().equals(set)) {
        text.append(
            """
            <figure class="%s"><img alt="kept tokens" src="data:image/png;base64,%s">
            <figcaption><code>%s</code><br>%s<br>right: %s; all tokens: %s; this plan: %s</figcaption></figure>
            """
                .formatted(
                    example.won() ? "win" : "loss",
                    base64(maps.resolve(example.map())),
                    escaped(example.plan()),
                    escaped(example.question()),
                    escaped(example.expected()),
                    escaped(example.unpruned()),
                    escaped(example.answer())));
      }
    }
    return text.isEmpty()
        ? ""
        : "<h3>Wins and losses against all tokens</h3>\n<div class=\"examples\">\n%s</div>\n"
            .formatted(text);
  }

  private String tables() {
    var extensions = List.of(TablesExtension.create());
    return HtmlRenderer.builder()
        .extensions(extensions)
        .escapeHtml(true)
        .build()
        .render(Parser.builder().extensions(extensions).build().parse(markdown));
  }

  private static String base64(Path file) {
    try {
      return Base64.getEncoder().encodeToString(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be read".formatted(file), e);
    }
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
