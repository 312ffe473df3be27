package dev.squint.eval.cli;

import dev.squint.eval.report.TurnsReport;
import dev.squint.eval.run.Baselines;
import dev.squint.eval.run.DataFinder;
import dev.squint.eval.run.JsonFiles;
import dev.squint.eval.run.ModelAsker;
import dev.squint.eval.run.Progress;
import dev.squint.eval.run.TaskData;
import dev.squint.eval.run.TurnRow;
import dev.squint.eval.run.TurnsRun;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.plan.PruningPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures second questions of conversations. */
@Command(
    name = "turns",
    description = {
      "Measures second questions about a picture: with visual tokens that a plan chooses for them,",
      "and with those that it chose for the first question; and how much of the prompt is reused."
    },
    mixinStandardHelpOptions = true)
final class TurnsCommand implements Callable<Integer> {

  @Parameters(
      arity = "1..*",
      paramLabel = "DATA",
      description = "Data sets whose questions have a history: folders or zips.")
  private List<String> words = List.of();

  @Option(
      names = "--plan",
      paramLabel = "PLAN",
      description =
          "A plan at 'encoder'; may be repeated. 'none', and random, uniform-grid and average-pool at its share, are added.")
  private List<String> plans = List.of();

  @Mixin private ModelOption model = new ModelOption();
  @Mixin private DataOptions data = new DataOptions();

  @Mixin private QuestionOptions questions = new QuestionOptions();

  @Mixin private ThreadsOption threads = new ThreadsOption();

  @Option(
      names = "--out",
      defaultValue = "turns-out",
      paramLabel = "DIR",
      description =
          "Output folder of turns.md, turns.json and turns.jsonl (default ${DEFAULT-VALUE}).")
  private Path out = Path.of("turns-out");

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    questions.check();
    threads.check();
    List<PruningPlan> wanted = plans.stream().map(Baselines::parse).toList();
    wanted.forEach(TurnsRun::check);
    // Baselines that shrink the picture choose no tokens.
    List<PruningPlan> measured = Baselines.with(wanted, true);
    List<TurnRow> rows = new ArrayList<>();
    String name;
    try (DataFinder finder = data.finder();
        VisionLanguageModel loaded = model.loadForChats(threads, measured)) {
      name = loaded.model().name();
      measured.forEach(plan -> loaded.check(plan));
      for (String word : words) {
        TaskData found = questions.ofKinds(finder.find(word));
        TaskData sample = questions.sample(TurnsRun.secondQuestions(found));
        rows.addAll(
            new TurnsRun(new ModelAsker(loaded, false), progress(sample, measured.size()))
                .ask(sample, measured, threads.count()));
      }
    }
    write(name, rows);
    return 0;
  }

  private void write(String name, List<TurnRow> rows) {
    List<TurnsReport.PlanTurns> figures = TurnsReport.figures(rows);
    List<String> command = new ArrayList<>(List.of("squint"));
    command.addAll(spec.root().commandLine().getParseResult().originalArgs());
    String text = TurnsReport.text(name, command, figures);
    JsonFiles.write(out.resolve("turns.json"), figures);
    JsonFiles.writeText(out.resolve("turns.md"), text);
    JsonFiles.writeText(out.resolve("turns.jsonl"), JsonFiles.lines(rows));
    spec.commandLine().getOut().print(text);
  }

  private Progress progress(TaskData set, int plans) {
    return new Progress(
        spec.commandLine().getErr(),
        Terminal.isInteractive(),
        (long) set.set().questions().size() * plans,
        System::nanoTime);
  }
}
