package dev.squint.eval.cli;

import dev.squint.eval.calibrate.Calibration;
import dev.squint.eval.calibrate.Calibrator;
import dev.squint.eval.calibrate.HeadCalibration;
import dev.squint.eval.calibrate.HeadCalibrator;
import dev.squint.eval.calibrate.Origin;
import dev.squint.eval.calibrate.RouterCalibrator;
import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.DataFinder;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.Progress;
import dev.squint.eval.run.Sample;
import dev.squint.eval.run.TaskData;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.model.RouterWeights;
import dev.squint.pruner.method.depth.TokenChange;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Chooses plans for pruning inside the decoder. */
@Command(
    name = "calibrate",
    description = {
      "Measures the attention of the decoder's layers on sample questions, and chooses where and how much to prune.",
      "Use the result in a plan as calibrated:FILE or calibrated:FILE(plan=NAME).",
      "Run the same command again to resume an interrupted calibration.",
      "With --routers, fits routers for mixtures of depths instead; use them as decoder:p-mod(file=FILE) or decoder:gamma-mod(file=FILE).",
      "With --heads, finds heads that 'squint slice-heads' can cut out instead. Neither of these two resumes; both ask for prompts alone."
    },
    mixinStandardHelpOptions = true)
final class CalibrateCommand implements Callable<Integer> {

  private static final String ROUTERS = ".safetensors";

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
      description =
          "Output file. Answers about plans are kept in FILE.answers, to resume. With --routers FILE ends with .safetensors, and FILE.json says how it was made.")
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
          "Least share of answers that must not change, in (0, 1] (default ${DEFAULT-VALUE}); not with --routers and --heads.")
  private double agreement;

  @Option(
      names = "--keep",
      defaultValue = "0.5",
      paramLabel = "SHARE",
      description =
          "In (0, 1) (default ${DEFAULT-VALUE}): the mean share of the visual tokens per decoder layer that a threshold, a curve or routers may spend; with --heads the share of heads that stay.")
  private double keep;

  @Option(
      names = "--routers",
      description =
          "Fit routers by least squares that let the visual tokens which a layer changes least skip it. They are ours, not the papers'.")
  private boolean routers;

  @Option(
      names = "--heads",
      description =
          "Find the heads that attend to visual tokens the least, for 'squint slice-heads'.")
  private boolean heads;

  @Option(
      names = "--change",
      defaultValue = "update",
      paramLabel = "CHANGE",
      converter = ChangeConverter.class,
      description =
          "With --routers, what they predict: update (length of what a layer adds), turn (1 - cosine), or random to compare with (default ${DEFAULT-VALUE}).")
  private TokenChange change = TokenChange.UPDATE;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (limit < 1 || !(agreement > 0 && agreement <= 1) || !(keep > 0 && keep < 1)) {
      throw new ParameterException(
          spec.commandLine(),
          "--limit must be at least 1, --agreement in (0, 1] and --keep in (0, 1), but they were %d, %s and %s"
              .formatted(limit, agreement, keep));
    }
    if (routers && !out.toString().endsWith(ROUTERS)) {
      throw new ParameterException(
          spec.commandLine(),
          "--routers writes a file of weights, so --out must end with %s but was '%s'"
              .formatted(ROUTERS, out));
    }
    if (routers && heads) {
      throw new ParameterException(
          spec.commandLine(), "--routers and --heads write different files; use one at a time");
    }
    if (!routers) {
      refuse("--change", "says what routers predict, so it needs --routers");
    }
    if (routers || heads) {
      refuse("--agreement", "is about the answers of plans; omit it with --routers and --heads");
    }
    return routers ? fitRouters() : heads ? chooseHeads() : choosePlans();
  }

  private void refuse(String option, String why) {
    if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
      throw new ParameterException(spec.commandLine(), option + " " + why);
    }
  }

  private Origin made(TaskData sample) {
    List<String> command = new ArrayList<>(List.of("squint"));
    command.addAll(spec.root().commandLine().getParseResult().originalArgs());
    return Origin.of(command, sample, seed.seed());
  }

  private int choosePlans() {
    try (DataFinder finder = new DataFinder(null, "");
        VisionLanguageModel loaded = model.load(List.of());
        AnswerLog log = AnswerLog.open(out.resolveSibling(out.getFileName() + ".answers"))) {
      TaskData sample = sample(finder);
      Progress progress =
          progress(
              Calibrator.answers(sample.set().questions().size(), loaded.decoder().cachedLayers()));
      Calibration result =
          new Calibrator(loaded, sample, log, progress, agreement, keep, made(sample)).calibrate();
      JsonFiles.write(out, result);
      spec.commandLine().getOut().println(JsonFiles.pretty(result));
      return 0;
    }
  }

  private int fitRouters() {
    try (DataFinder finder = new DataFinder(null, "");
        VisionLanguageModel loaded = model.load(List.of())) {
      TaskData sample = sample(finder);
      Progress progress = progress(RouterCalibrator.answers(sample.set().questions().size()));
      RouterCalibrator.Fitted fitted =
          new RouterCalibrator(loaded, sample, progress, made(sample)).fit(keep, change);
      JsonFiles.write(out.resolveSibling(out.getFileName() + ".json"), fitted.about());
      RouterWeights.write(out, fitted.weights());
      spec.commandLine().getOut().println(JsonFiles.pretty(fitted.about()));
      return 0;
    }
  }

  private int chooseHeads() {
    try (DataFinder finder = new DataFinder(null, "");
        VisionLanguageModel loaded = model.load(List.of())) {
      TaskData sample = sample(finder);
      Progress progress = progress(sample.set().questions().size());
      HeadCalibration result =
          new HeadCalibrator(loaded, sample, progress, made(sample)).choose(keep);
      JsonFiles.write(out, result);
      spec.commandLine().getOut().println(JsonFiles.pretty(result));
      return 0;
    }
  }

  private TaskData sample(DataFinder finder) {
    TaskData found = finder.find(data);
    return new TaskData(found.task(), Sample.of(found.set(), limit, seed.seed()));
  }

  private Progress progress(long answers) {
    return new Progress(
        spec.commandLine().getErr(), Terminal.isInteractive(), answers, System::nanoTime);
  }

  /** Reads a change in lower case. */
  static final class ChangeConverter implements ITypeConverter<TokenChange> {
    @Override
    public TokenChange convert(String text) {
      return Arrays.stream(TokenChange.values())
          .filter(change -> change.name().toLowerCase(Locale.ROOT).equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "'%s' is none of update, turn and random".formatted(text)));
    }
  }
}
