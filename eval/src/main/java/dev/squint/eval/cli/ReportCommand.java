package dev.squint.eval.cli;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.squint.eval.report.DataSetReport;
import dev.squint.eval.report.Example;
import dev.squint.eval.report.HtmlReport;
import dev.squint.eval.report.MarkdownReport;
import dev.squint.eval.report.Summary;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.RunFile;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the report of a run. */
@Command(
    name = "report",
    description = "Writes report.html and report.md of a run of 'squint eval' to its folder.",
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {

  @Parameters(paramLabel = "DIR", description = "Output folder of 'squint eval --out'.")
  private Path folder = Path.of("");

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    RunFolder finished = RunFolder.open(folder);
    Summary summary = finished.summary();
    List<DataSetReport.Timing> times = finished.read("times.json", new TypeReference<>() {});
    List<Example> examples = finished.examples();
    RunFile run = finished.run();
    String markdown = new MarkdownReport(run, summary, times).text();
    String page = new HtmlReport(summary, times, examples, markdown, folder.resolve("maps")).page();
    JsonFiles.writeText(folder.resolve("report.md"), markdown);
    JsonFiles.writeText(folder.resolve("report.html"), page);
    spec.commandLine()
        .getOut()
        .println("%s and report.md".formatted(folder.resolve("report.html")));
    return 0;
  }
}
