package dev.squint.eval.cli;

import dev.squint.eval.calibrate.Calibration;
import dev.squint.eval.calibrate.Calibrator;
import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.Assignment;
import dev.squint.eval.run.DataFinder;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.Progress;
import dev.squint.eval.run.Sample;
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

/** Chooses plans for the inside of a decoder. */
@Command(
    name = "calibrate",
    description = {
      "Measures on some questions what the decoder's layers attend to, and chooses where and how much to prune.",
      "A plan names the result as calibrated:FILE or calibrated:FILE(plan=NAME).",
      "A calibration that was stopped goes on when the same command is given again."
    },
    mixinStandardHelpOptions = true)
final class CalibrateCommand implements Callable<Integer> {

  @Mixin private ModelOption model = new ModelOption();

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DATA",
      description = "Questions about pictures: a folder or zip, or a benchmark's name.")
  private String data = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Where the result goes; what was asked is kept beside it in FILE.answers.")
  private Path out = Path.of("");

  @Option(
      names = "--limit",
      defaultValue = "32",
      paramLabel = "N",
      description = "At most N questions, drawn by --seed (default ${DEFAULT-VALUE}).")
  private int limit;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "S",
      description = "Which questions --limit draws (default ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--agreement",
      defaultValue = "0.97",
      paramLabel = "SHARE",
      description = "Share of answers that must stay the same (default ${DEFAULT-VALUE}).")
  private double agreement;

  @Option(
      names = "--keep",
      defaultValue = "0.5",
      paramLabel = "SHARE",
      description =
          "Share of the visual tokens that layers are given on average, for thresholds (default ${DEFAULT-VALUE}).")
  private double keep;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (limit < 1 || !(agreement > 0 && agreement <= 1) || !(keep > 0 && keep < 1)) {
      throw new ParameterException(
          spec.commandLine(),
          "--limit must be at least 1, --agreement in (0, 1] and --keep in (0, 1) but were %d, %s and %s"
              .formatted(limit, agreement, keep));
    }
    try (DataFinder finder = new DataFinder(null, "");
        VisionLanguageModel loaded = model.load(List.of());
        AnswerLog log = AnswerLog.open(out.resolveSibling(out.getFileName() + ".answers"))) {
      Assignment found = finder.find(data);
      Assignment sample = new Assignment(found.task(), Sample.of(found.set(), limit, seed));
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
