package dev.squint.eval.cli;

import dev.squint.llm.AskOptions;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.generation.LogitsRules;
import dev.squint.llm.generation.Sampling;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How the tokens of an answer are chosen. */
final class SamplingOption {

  @Option(
      names = "--temperature",
      defaultValue = "0",
      paramLabel = "T",
      description = "0 takes the most probable token (default); above 0 samples.")
  private double temperature;

  @Option(
      names = "--top-k",
      defaultValue = "0",
      paramLabel = "K",
      description = "Sample from this many most probable tokens; 0 for all (default).")
  private int topK;

  @Option(
      names = "--top-p",
      defaultValue = "1",
      paramLabel = "P",
      description = "Sample from the fewest tokens whose probabilities reach this sum (default 1).")
  private double topP;

  @Option(
      names = "--min-p",
      defaultValue = "0",
      paramLabel = "P",
      description =
          "Sample from tokens with this share of the highest probability; 0 for all (default).")
  private double minP;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "S",
      description = "Random seed for sampling (default ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "R",
      description =
          "Divides the logits of tokens that have occurred; 1 for none (default: as the package says).")
  private @Nullable Double repetitionPenalty;

  @Option(
      names = "--no-repeat-ngram-size",
      paramLabel = "N",
      description = "No N tokens come twice; 0 for none (default: as the package says).")
  private @Nullable Integer noRepeatNgramSize;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /** The options of an answer with these ways to choose tokens. */
  AskOptions apply(AskOptions options) {
    return options
        .withSampler(() -> temperature == 0 ? Sampler.GREEDY : Sampler.random(sampling(), seed))
        .withRules(this::rules);
  }

  /** Refuses values out of range before a model is loaded. */
  void check() {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw wrong("--temperature must be 0 or more but was " + temperature);
    }
    try {
      sampling();
      rules(LogitsRules.NONE);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private Sampling sampling() {
    return new Sampling(temperature == 0 ? 1 : temperature, topK, topP, minP, 1);
  }

  private LogitsRules rules(LogitsRules ofPackage) {
    LogitsRules rules = ofPackage;
    if (repetitionPenalty != null) {
      rules = rules.withRepetitionPenalty(repetitionPenalty);
    }
    return noRepeatNgramSize == null ? rules : rules.withNoRepeatNgramSize(noRepeatNgramSize);
  }

  private ParameterException wrong(String message) {
    if (command == null) {
      throw new IllegalStateException("the options belong to no command");
    }
    return new ParameterException(command.commandLine(), message);
  }
}
