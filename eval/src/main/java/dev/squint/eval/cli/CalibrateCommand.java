package dev.squint.eval.cli;

import dev.squint.eval.calibrate.Calibration;
import dev.squint.eval.calibrate.Calibrator;
import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.DataFinder;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.Progress;
import dev.squint.eval.run.Sample;
import dev.squint.eval.run.TaskData;
import dev.squint.llm.VisionLanguageModel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Chooses plans for pruning inside the decoder. */
@Command(
    name = "calibrate",
    description = {
      "Measures the attention of the decoder's layers on sample questions, and chooses where and how much to prune.",
      "Use the result in a plan as calibrated:FILE or calibrated:FILE(plan=NAME).",
      "Run the same command again to resume an interrupted calibration."
    },
    mixinStandardHelpOptions = true)
final class CalibrateCommand implements Callable<Integer> {

  @Mixin private ModelOption model = new ModelOption();

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DATA",
      description = "Questions about pictures: a folder, a zip or the name of a benchmark.")
  private String data = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Output file; the answers are kept in FILE.answers, to resume.")
  private Path out = Path.of("");

  @Option(
      names = "--limit",
      defaultValue = "32",
      paramLabel = "N",
      description = "Use at most N questions, sampled with --seed (default ${DEFAULT-VALUE}).")
  private int limit;

  @Mixin private SeedOption seed = new SeedOption();

  @Option(
      names = "--agreement",
      defaultValue = "0.97",
      paramLabel = "SHARE",
      description =
          "Least share of answers that must not change, in (0, 1] (default ${DEFAULT-VALUE}).")
  private double agreement;

  @Option(
      names = "--keep",
      defaultValue = "0.5",
      paramLabel = "SHARE",
      description =
          "Mean share of the visual tokens per decoder layer that a threshold may spend, in (0, 1) (default ${DEFAULT-VALUE}).")
  private double keep;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (limit < 1 || !(agreement > 0 && agreement <= 1) || !(keep > 0 && keep < 1)) {
      throw new ParameterException(
          spec.commandLine(),
          "--limit must be at least 1, --agreement in (0, 1] and --keep in (0, 1), but they were %d, %s and %s"
              .formatted(limit, agreement, keep));
    }
    try (DataFinder finder = new DataFinder(null, "");
        VisionLanguageModel loaded = model.load(List.of());
        AnswerLog log = AnswerLog.open(out.resolveSibling(out.getFileName() + ".answers"))) {
      TaskData found = finder.find(data);
      TaskData sample = new TaskData(found.task(), Sample.of(found.set(), limit, seed.seed()));
      int questions = sample.set().questions().size();
      Progress progress =
          new Progress(
              spec.commandLine().getErr(),
              Terminal.isInteractive(),
              Calibrator.answers(questions, loaded.decoder().cachedLayers()),
              System::nanoTime);
      Calibration result =
          new Calibrator(loaded, sample, log, progress, agreement, keep).calibrate();
      JsonFiles.write(out, result);
      spec.commandLine().getOut().println(JsonFiles.pretty(result));
      return 0;
    }
  }
}
