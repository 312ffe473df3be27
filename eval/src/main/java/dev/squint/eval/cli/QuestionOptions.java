package dev.squint.eval.cli;

import dev.squint.eval.run.Sample;
import dev.squint.eval.run.TaskData;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that choose some questions of each data set. */
final class QuestionOptions {

  @Option(
      names = "--kind",
      split = ",",
      paramLabel = "K",
      description = "Ask only questions of these kinds, such as 'position,count' (default: all).")
  private List<String> kinds = List.of();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Use at most N questions of each data set, sampled with --seed.")
  private int limit = Integer.MAX_VALUE;

  @Mixin private SeedOption seed = new SeedOption();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Refuses a limit that leaves no question. */
  void check() {
    if (limit < 1) {
      throw new ParameterException(
          spec.commandLine(), "--limit must be at least 1 but was %d".formatted(limit));
    }
  }

  /** The questions of the given kinds. */
  TaskData ofKinds(TaskData data) {
    return data.ofKinds(kinds);
  }

  /** At most as many of the questions as the limit says. */
  TaskData sample(TaskData data) {
    return new TaskData(data.task(), Sample.of(data.set(), limit, seed.seed()));
  }
}
