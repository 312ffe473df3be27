package dev.squint.eval.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.squint.eval.report.BudgetCurves;
import dev.squint.eval.report.CsvReport;
import dev.squint.eval.report.DataSetReport;
import dev.squint.eval.report.Example;
import dev.squint.eval.report.HtmlReport;
import dev.squint.eval.report.MarkdownReport;
import dev.squint.eval.report.ShardMerge;
import dev.squint.eval.report.SparkMerge;
import dev.squint.eval.report.Summary;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.RunFile;
import dev.squint.eval.run.SparkAnswers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the report of a run. */
@Command(
    name = "report",
    description = {
      "Writes report.html, report.md and report.csv of a run of 'squint eval' to its folder.",
      "Several folders are the shards of one run; they are merged first.",
      "The output folder of 'squint spark' is read too, if its input had right answers."
    },
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {

  @Parameters(
      arity = "1..*",
      paramLabel = "DIR",
      description =
          "Output folder of 'squint eval --out' or 'squint spark --out', or those of all shards.")
  private List<Path> folders = List.of();

  @Option(
      names = "--out",
      paramLabel = "MERGED",
      description = "Folder of the merged run; needed for several folders.")
  private @Nullable Path out;

  @Option(
      names = "--chart",
      paramLabel = "FILE",
      description = {
        "Also write an SVG chart: accuracy, mean of the data sets, against the share of visual"
            + " tokens, a line for each method with several budgets."
      })
  private @Nullable Path chart;

  @Option(
      names = "--chart-methods",
      paramLabel = "METHOD",
      split = ",",
      description = "Methods of the chart, such as encoder:random,encoder:hired (default: all).")
  private List<String> chartMethods = List.of();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Path folder = folder();
    RunFolder finished = RunFolder.open(folder);
    Summary summary = finished.summary();
    List<DataSetReport.Timing> times = finished.read("times.json", new TypeReference<>() {});
    List<Example> examples = finished.examples();
    RunFile run = finished.run();
    String markdown = new MarkdownReport(run, summary, times).text();
    String page = new HtmlReport(summary, times, examples, markdown, folder.resolve("maps")).page();
    if (chart != null) {
      JsonFiles.writeText(chart, chart(summary));
    }
    JsonFiles.writeText(folder.resolve("report.md"), markdown);
    JsonFiles.writeText(folder.resolve("report.html"), page);
    JsonFiles.writeText(folder.resolve("report.csv"), new CsvReport(summary, times).text());
    spec.commandLine()
        .getOut()
        .println("%s, report.md and report.csv".formatted(folder.resolve("report.html")));
    return 0;
  }

  private String chart(Summary summary) {
    List<BudgetCurves.Curve> curves = BudgetCurves.of(summary);
    List<String> known = curves.stream().map(BudgetCurves.Curve::method).toList();
    if (known.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--chart needs a method with two budgets or more; the run has none");
    }
    chartMethods.stream()
        .filter(method -> !known.contains(method))
        .findFirst()
        .ifPresent(
            method -> {
              throw new ParameterException(
                  spec.commandLine(),
                  "--chart-methods: the run has no budgets of '%s'; it has %s"
                      .formatted(method, String.join(", ", known)));
            });
    return HtmlReport.budgets(
        summary,
        curves.stream()
            .filter(curve -> chartMethods.isEmpty() || chartMethods.contains(curve.method()))
            .toList());
  }

  private Path folder() {
    if (folders.size() == 1 && SparkAnswers.isIn(folders.get(0))) {
      Path merged = out == null ? folders.get(0) : out;
      SparkMerge.merge(folders.get(0), merged);
      return merged;
    }
    if (folders.size() == 1 && out == null) {
      return folders.get(0);
    }
    if (out == null) {
      throw new ParameterException(
          spec.commandLine(),
          "%d folders are merged; give the folder of the merged run with --out"
              .formatted(folders.size()));
    }
    ShardMerge.merge(folders, out);
    return out;
  }
}
