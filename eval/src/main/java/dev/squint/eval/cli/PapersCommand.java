package dev.squint.eval.cli;

import dev.squint.eval.report.PapersReport;
import dev.squint.eval.report.PublishedResult;
import dev.squint.eval.run.JsonFiles;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares a run with the published results. */
@Command(
    name = "papers",
    description = {
      "Compares published results with the results of a run at the same share of tokens.",
      "Without DIR: lists the plans that such a run needs, one per line."
    },
    mixinStandardHelpOptions = true)
final class PapersCommand implements Callable<Integer> {

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "Output folder of 'squint eval --out'.")
  private @Nullable Path folder;

  @Option(names = "--out", paramLabel = "FILE", description = "Write to FILE instead of printing.")
  private @Nullable Path out;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter printer = spec.commandLine().getOut();
    if (folder == null) {
      if (out != null) {
        throw new ParameterException(
            spec.commandLine(), "--out needs DIR, the output folder of 'squint eval --out'");
      }
      PublishedResult.all().stream()
          .flatMap(one -> Stream.concat(Stream.of(one.plan()), one.blind().stream()))
          .distinct()
          .forEach(printer::println);
      return 0;
    }
    RunFolder run = RunFolder.open(folder);
    String text = new PapersReport(run.run(), run.summary()).text();
    if (out == null) {
      printer.print(text);
    } else {
      JsonFiles.writeText(out, text);
      printer.println(out);
    }
    return 0;
  }
}
