package dev.squint.eval.cli;

import dev.squint.eval.report.Export;
import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.QuestionsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a run in the format of another harness. */
@Command(
    name = "export",
    description = "Writes a run of 'squint eval' as result files of lmms-eval or VLMEvalKit.",
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss").withZone(ZoneOffset.UTC);

  @Parameters(paramLabel = "DIR", description = "Output folder of 'squint eval --out'.")
  private Path folder = Path.of("");

  @Option(
      names = "--format",
      required = true,
      paramLabel = "lmms-eval|vlmevalkit",
      description = "Format of the files.")
  private String format = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Output folder; gets a folder for each plan.")
  private Path out = Path.of("");

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (!List.of("lmms-eval", "vlmevalkit").contains(format)) {
      throw new ParameterException(
          spec.commandLine(), "--format must be lmms-eval or vlmevalkit but was " + format);
    }
    RunFolder finished = RunFolder.open(folder);
    try (AnswerLog log = AnswerLog.open(folder)) {
      Export export = new Export(finished.summary(), QuestionsFile.read(folder), log);
      List<Path> files =
          format.equals("lmms-eval")
              ? export.toLmmsEval(out, date(folder))
              : export.toVlmEvalKit(out);
      files.forEach(spec.commandLine().getOut()::println);
      return 0;
    }
  }

  /** Returns the date of the run, so that a second export replaces the first. */
  private static String date(Path folder) {
    try {
      return DATE.format(Files.getLastModifiedTime(folder.resolve("summary.json")).toInstant());
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be read", e);
    }
  }
}
