package dev.squint.eval.cli;

import dev.squint.eval.run.DataFinder;
import dev.squint.eval.run.Fingerprint;
import dev.squint.eval.run.ModelAsker;
import dev.squint.eval.run.Progress;
import dev.squint.eval.verify.FigureCheck;
import dev.squint.eval.verify.PublishedFigure;
import dev.squint.eval.verify.PublishedRun;
import dev.squint.eval.verify.ResultsPage;
import dev.squint.eval.verify.Verification;
import dev.squint.pruner.plan.PruningPlan;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a sample of the questions of published runs again. */
@Command(
    name = "verify-results",
    description = {
      "Checks published figures: asks a sample of their questions again, with the commands of their runs.",
      "Ends with exit code 1 and names each figure that the answers contradict."
    },
    mixinStandardHelpOptions = true)
final class VerifyResultsCommand implements Callable<Integer> {

  /** Probability that a run of this command rejects one of many true figures. */
  private static final double DOUBT = 0.01;

  @Parameters(
      arity = "0..*",
      paramLabel = "PAGE|DIR",
      description =
          "Pages with figures, or folders of runs, all of whose figures are checked (default: docs/results.md).")
  private List<Path> places = List.of();

  @Option(
      names = "--limit",
      defaultValue = "60",
      paramLabel = "N",
      description = "Ask N questions of each data set and plan (default ${DEFAULT-VALUE}).")
  private int limit;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "S",
      description = "Random seed of the sample (default ${DEFAULT-VALUE}).")
  private long seed;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (limit < 1) {
      throw new ParameterException(
          spec.commandLine(), "--limit must be at least 1 but was %d".formatted(limit));
    }
    Map<Path, List<PublishedFigure>> figures = new LinkedHashMap<>();
    for (Path place : places.isEmpty() ? List.of(home().resolve("docs/results.md")) : places) {
      if (Files.isDirectory(place)) {
        figures.put(place, PublishedRun.open(place).all());
      } else {
        figures.putAll(ResultsPage.read(place));
      }
    }
    int all = figures.values().stream().mapToInt(List::size).sum();
    List<FigureCheck> checks = new ArrayList<>();
    figures.forEach(
        (folder, some) ->
            checks.addAll(checks(PublishedRun.open(folder), some, DOUBT / Math.max(1, all))));
    print(checks);
    return checks.stream().allMatch(FigureCheck::holds) ? 0 : 1;
  }

  private List<FigureCheck> checks(PublishedRun run, List<PublishedFigure> figures, double doubt) {
    EvalCommand command = command(run);
    try (DataFinder finder = command.finder()) {
      Verification verification = new Verification(run, figures, command.sets(finder), limit, seed);
      return verification.measure(plans -> load(command, run, plans), this::progress, doubt);
    }
  }

  private ModelAsker load(EvalCommand command, PublishedRun run, List<PruningPlan> plans) {
    ModelAsker asker = command.asker(plans);
    Path folder = asker.model().model().folder();
    if (!Fingerprint.of(folder).equals(run.run().identity().modelSha256())) {
      spec.commandLine()
          .getErr()
          .printf(
              "note: files of the package %s changed since the run %s; today's package is asked%n",
              folder.getFileName(), run.folder());
    }
    return asker;
  }

  private Progress progress(long answers) {
    return new Progress(
        spec.commandLine().getErr(), Terminal.isInteractive(), answers, System::nanoTime);
  }

  /** The command of a run. Paths are those of the repository if the current folder has none. */
  private EvalCommand command(PublishedRun run) {
    List<String> words = run.run().command();
    if (words.size() < 3 || !words.get(1).equals("eval")) {
      throw new IllegalArgumentException(
          "%s was not made by 'squint eval' but by '%s', so its questions cannot be asked again"
              .formatted(run.folder(), String.join(" ", words)));
    }
    try {
      EvalCommand command = new EvalCommand();
      new CommandLine(command)
          .parseArgs(words.stream().skip(2).map(this::located).toArray(String[]::new));
      return command;
    } catch (ParameterException e) {
      throw new IllegalArgumentException(
          "the command of %s is not one of this version: %s"
              .formatted(run.folder(), e.getMessage()),
          e);
    }
  }

  private String located(String word) {
    if (word.startsWith("-") || word.indexOf(':') >= 0 || Files.exists(Path.of(word))) {
      return word;
    }
    Path there = home().resolve(word);
    return Files.exists(there) ? there.toString() : word;
  }

  /** The folder of the repository. */
  private static Path home() {
    return ModelOption.home();
  }

  private void print(List<FigureCheck> checks) {
    TextTable table =
        new TextTable("set", "plan", "published", "measured", "asked", "scores as stored", "");
    for (FigureCheck check : checks) {
      table.row(
          check.figure().set(),
          check.figure().plan(),
          FigureCheck.text(check.figure().shown()),
          check.measured() == null ? "" : FigureCheck.text(check.measured()),
          Integer.toString(check.asked()),
          check.asStored() < 0 ? "" : Integer.toString(check.asStored()),
          check.holds() ? "holds" : "CONTRADICTED");
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(table);
    List<FigureCheck> wrong = checks.stream().filter(check -> !check.holds()).toList();
    for (FigureCheck check : wrong) {
      out.printf(
          "%s: %s, %s, published %s: %s%n",
          check.figure().where(),
          check.figure().set(),
          check.figure().plan(),
          FigureCheck.text(check.figure().shown()),
          String.join("; ", check.faults()));
    }
    out.printf("%d of %d figures hold%n", checks.size() - wrong.size(), checks.size());
  }
}
