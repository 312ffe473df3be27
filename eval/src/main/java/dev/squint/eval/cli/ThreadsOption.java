package dev.squint.eval.cli;

import dev.squint.vision.onnx.SessionSettings;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How many pictures a command processes in parallel. */
final class ThreadsOption {

  @Option(
      names = "--threads",
      defaultValue = "1",
      paramLabel = "N",
      description =
          "Pictures processed in parallel (default ${DEFAULT-VALUE}); answers are the same. With more than one, times include contention.")
  private int threads;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Refuses numbers below 1. */
  void check() {
    if (threads < 1) {
      throw new ParameterException(
          spec.commandLine(), "--threads must be at least 1 but was %d".formatted(threads));
    }
  }

  int count() {
    return threads;
  }

  /**
   * Settings of the model. Parallel pictures share the cores; a single picture uses the runtime's
   * default number of threads.
   */
  SessionSettings settings() {
    int cores = Runtime.getRuntime().availableProcessors();
    return threads == 1
        ? SessionSettings.DEFAULT
        : SessionSettings.DEFAULT.withThreads(Math.max(1, cores / threads));
  }
}
