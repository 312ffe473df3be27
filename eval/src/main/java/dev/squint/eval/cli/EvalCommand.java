package dev.squint.eval.cli;

import dev.squint.eval.calibrate.Calibration;
import dev.squint.eval.cost.ModelCost;
import dev.squint.eval.report.Examples;
import dev.squint.eval.report.RunFigures;
import dev.squint.eval.report.VariantComparison;
import dev.squint.eval.run.AnswerLine;
import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.Baselines;
import dev.squint.eval.run.DataFinder;
import dev.squint.eval.run.Fingerprint;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.Machine;
import dev.squint.eval.run.ModelAsker;
import dev.squint.eval.run.OnError;
import dev.squint.eval.run.Progress;
import dev.squint.eval.run.QuestionsFile;
import dev.squint.eval.run.Run;
import dev.squint.eval.run.RunFile;
import dev.squint.eval.run.Shard;
import dev.squint.eval.run.TaskData;
import dev.squint.eval.run.Throughput;
import dev.squint.eval.run.Versions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.plan.PruningPlan;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Evaluates plans on data sets. */
@Command(
    name = "eval",
    description = {
      "Evaluates plans on data sets: accuracy with confidence intervals, tokens, cache bytes and times.",
      "Run the same command again to resume an interrupted run."
    },
    mixinStandardHelpOptions = true)
final class EvalCommand implements Callable<Integer> {

  @Parameters(
      arity = "1..*",
      paramLabel = "TASK|DATA",
      description =
          "Names of benchmarks (see 'squint tasks'), or data sets: folders or zips with questions.jsonl or easy-VQA's test split.")
  private List<String> words = List.of();

  @Mixin private DataOptions data = new DataOptions();

  @Option(
      names = "--plan",
      paramLabel = "PLAN",
      description = "A plan to evaluate; may be repeated. 'none' is always evaluated.")
  private List<String> plans = List.of();

  @Option(
      names = "--no-baselines",
      description =
          "Leave out the baselines at each plan's share of tokens: random, uniform-grid, average-pool, and tiles:downsample for pictures.")
  private boolean noBaselines;

  @Mixin private ModelOption model = new ModelOption();

  @Mixin private QuestionOptions questions = new QuestionOptions();

  @Mixin private ThreadsOption threads = new ThreadsOption();

  @Option(
      names = "--batch",
      defaultValue = "1",
      paramLabel = "N",
      description =
          "Questions about different pictures that are decoded together (default ${DEFAULT-VALUE}); answers are the same, times include waiting.")
  private int batch;

  @Option(
      names = "--out",
      defaultValue = "eval-out",
      paramLabel = "DIR",
      description = "Output folder for answers and figures (default ${DEFAULT-VALUE}).")
  private Path out = Path.of("eval-out");

  @Option(
      names = "--clips",
      description = "Treat the pictures of a question as frames of a video, one frame per second.")
  private boolean clips;

  @Option(
      names = "--on-error",
      defaultValue = "stop",
      paramLabel = "stop|skip",
      description =
          "What to do with a question that cannot be asked, such as one with a missing picture: end the run (stop, default), or count it as wrong (skip).")
  private String onError = "stop";

  @Option(
      names = "--shard",
      defaultValue = "",
      paramLabel = "I/N",
      description =
          "Ask part I of N, with the --out of its own; 'squint report' merges the parts. 'auto' takes I from a Slurm array, 'auto/N' also from a Kubernetes Indexed Job.")
  private String shard = "";

  @Option(
      names = "--compare-variants",
      split = ";",
      paramLabel = "V;V",
      description = {
        "Ask with each of these precision variants, and compare them with the first:",
        "'fp32;q8;vision=q8,decoder=q4'. The runs are subfolders of --out."
      })
  private List<String> compared = List.of();

  @Option(names = "--json", description = "Print summary.json instead of the tables.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    questions.check();
    threads.check();
    checkPositive("--batch", batch);
    if (threads.count() > 1 && batch > 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--threads and --batch cannot be combined; --batch runs N pictures in parallel by itself");
    }
    OnError handling = onError();
    List<PruningPlan> measured = measured();
    try (DataFinder finder = data.finder()) {
      List<TaskData> sets = sets(finder);
      checkNames(sets);
      return compared.isEmpty()
          ? print(run(sets, measured, handling, out))
          : compare(sets, measured, handling);
    }
  }

  /** A finder of the data; the caller closes it. */
  DataFinder finder() {
    return data.finder();
  }

  /** The questions that are asked. */
  List<TaskData> sets(DataFinder finder) {
    List<TaskData> sets = new ArrayList<>();
    for (String word : words) {
      sets.add(questions.sample(questions.ofKinds(finder.find(word))));
    }
    return sets;
  }

  /** Loads the model for some plans; the caller closes it. */
  ModelAsker asker(List<PruningPlan> plans) {
    return new ModelAsker(load(plans), clips);
  }

  private int print(Optional<RunFigures> figures) {
    PrintWriter printer = spec.commandLine().getOut();
    figures.ifPresent(
        made ->
            printer.print(
                json ? JsonFiles.pretty(made.summary()) + System.lineSeparator() : made.tables()));
    return 0;
  }

  private int compare(List<TaskData> sets, List<PruningPlan> measured, OnError handling) {
    if (!shard.isEmpty() || model.hasVariants()) {
      throw new ParameterException(
          spec.commandLine(),
          "--compare-variants asks every question with its own variants; omit --variant and --shard");
    }
    List<VariantComparison.VariantRun> runs = new ArrayList<>();
    for (String variant : compared.stream().distinct().toList()) {
      model.choose(Variants.parse(variant));
      Path folder = out.resolve(variant.replaceAll("[^A-Za-z0-9=.-]", "_"));
      RunFigures figures = run(sets, measured, handling, folder).orElseThrow();
      runs.add(new VariantComparison.VariantRun(variant, figures, folder));
    }
    VariantComparison comparison = VariantComparison.of(sets, runs);
    comparison.write(out);
    PrintWriter printer = spec.commandLine().getOut();
    printer.print(
        json ? JsonFiles.pretty(comparison) + System.lineSeparator() : comparison.table());
    return 0;
  }

  /** Asks all questions; returns no figures if only a part of them was asked. */
  private Optional<RunFigures> run(
      List<TaskData> sets, List<PruningPlan> measured, OnError handling, Path folder) {
    Shard part = part();
    List<String> names = measured.stream().map(PruningPlan::toString).toList();
    try (VisionLanguageModel loaded = load(measured.stream().distinct().toList());
        AnswerLog log = AnswerLog.open(folder)) {
      measured.forEach(condition -> loaded.check(condition));
      RunFile file = runFile(loaded, sets, names);
      file.writeTo(folder);
      QuestionsFile.write(folder, sets);
      ModelCost.of(loaded).ifPresent(cost -> cost.write(folder));
      List<TaskData> asking = sets.stream().flatMap(one -> part.of(one).stream()).toList();
      ModelAsker asked = new ModelAsker(loaded, clips);
      Run run = new Run(asked, measured, log, progress(asking, measured.size()), handling);
      Throughput throughput = run.ask(asking, Math.max(threads.count(), batch));
      if (throughput.answers() > 0) {
        JsonFiles.write(folder.resolve("throughput.json"), throughput);
        spec.commandLine().getErr().println(throughput.line());
      }
      reportFailures(asking, measured, log);
      if (!part.equals(Shard.WHOLE)) {
        spec.commandLine()
            .getErr()
            .printf(
                "Shard %s is complete. 'squint report DIR... --out MERGED' merges the folders of all shards.%n",
                part);
        return Optional.empty();
      }
      RunFigures figures = RunFigures.of(file, sets, log, measured, ModelCost.of(loaded));
      figures.write(folder);
      Examples examples = new Examples(asked, log, folder);
      JsonFiles.write(
          folder.resolve("examples.json"),
          sets.stream().flatMap(one -> examples.draw(one, measured).stream()).toList());
      return Optional.of(figures);
    }
  }

  private void reportFailures(List<TaskData> sets, List<PruningPlan> measured, AnswerLog log) {
    List<AnswerLine> failed =
        sets.stream()
            .flatMap(
                one ->
                    one.set().questions().stream()
                        .flatMap(
                            question ->
                                measured.stream()
                                    .map(
                                        plan ->
                                            log.find(
                                                one.set().name(), plan.toString(), question.id()))))
            .filter(line -> line != null && line.failed())
            .toList();
    PrintWriter err = spec.commandLine().getErr();
    if (!failed.isEmpty()) {
      err.printf("%d answers are missing and count as wrong:%n", failed.size());
      failed.stream()
          .map(line -> "  question '%s' of '%s': %s".formatted(line.id(), line.set(), line.error()))
          .distinct()
          .forEach(err::println);
    }
  }

  private OnError onError() {
    return switch (onError) {
      case "stop" -> OnError.STOP;
      case "skip" -> OnError.SKIP;
      default ->
          throw new ParameterException(
              spec.commandLine(), "--on-error must be stop or skip but was " + onError);
    };
  }

  private VisionLanguageModel load(List<PruningPlan> conditions) {
    return batch > 1
        ? model.loadForBatches(batch, conditions)
        : model.load(threads.settings(), conditions);
  }

  private List<PruningPlan> measured() {
    List<PruningPlan> wanted =
        plans.stream().map(Calibration::expand).map(Baselines::parse).toList();
    return noBaselines ? Baselines.without(wanted) : Baselines.with(wanted, clips);
  }

  private RunFile runFile(VisionLanguageModel loaded, List<TaskData> sets, List<String> planNames) {
    Map<String, String> questions = new LinkedHashMap<>();
    sets.forEach(one -> questions.put(one.set().name(), Fingerprint.of(one)));
    return new RunFile(
        RunFile.Identity.of(loaded, model.variants(), questions),
        planNames,
        commandLine(),
        Versions.here(),
        Machine.here(),
        Math.max(threads.count(), batch),
        shard.isEmpty() ? null : part().toString());
  }

  private Shard part() {
    try {
      return shard.isEmpty() ? Shard.WHOLE : Shard.parse(shard, System.getenv());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private List<String> commandLine() {
    List<String> words = new ArrayList<>(List.of("squint"));
    words.addAll(spec.root().commandLine().getParseResult().originalArgs());
    return words;
  }

  private Progress progress(List<TaskData> sets, int plans) {
    long questions = sets.stream().mapToLong(one -> one.set().questions().size()).sum();
    return new Progress(
        spec.commandLine().getErr(), Terminal.isInteractive(), questions * plans, System::nanoTime);
  }

  private void checkPositive(String option, int value) {
    if (value < 1) {
      throw new ParameterException(
          spec.commandLine(), "%s must be at least 1 but was %d".formatted(option, value));
    }
  }

  private void checkNames(List<TaskData> sets) {
    if (sets.stream().map(one -> one.set().name()).distinct().count() < sets.size()) {
      throw new ParameterException(
          spec.commandLine(),
          "two data sets have the same name; rename one of the folders or zips");
    }
  }
}
