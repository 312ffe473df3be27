package dev.squint.eval.cli;

import picocli.CommandLine.Option;

/** The random seed of a sample of questions. */
final class SeedOption {

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "S",
      description = "Random seed for --limit (default ${DEFAULT-VALUE}).")
  private long seed;

  long seed() {
    return seed;
  }
}
