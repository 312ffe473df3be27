package dev.squint.eval.cli;

import dev.squint.llm.AskOptions;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.generation.LogitsRules;
import dev.squint.llm.generation.Sampling;
import dev.squint.llm.generation.SamplingOverrides;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How the tokens of an answer are chosen. What is left out is as the package says. */
final class SamplingOption {

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "0 takes the most probable token (default); above 0 samples.")
  private @Nullable Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description =
          "Sample from this many most probable tokens; 0 for all (default: as the package says).")
  private @Nullable Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description =
          "Sample from the fewest tokens whose probabilities reach this sum; 1 for all (default: as the package says).")
  private @Nullable Double topP;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description =
          "Sample from tokens with this share of the highest probability; 0 for all (default: as the package says).")
  private @Nullable Double minP;

  @Option(
      names = "--typical-p",
      paramLabel = "P",
      description =
          "Sample from the most typical tokens whose probabilities reach this sum; 1 for all (default: as the package says).")
  private @Nullable Double typicalP;

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
    AskOptions ruled = options.withRules(overrides()::rules);
    if (temperature == null) {
      return ruled;
    }
    return temperature == 0
        ? ruled.withSampler(() -> Sampler.GREEDY)
        : ruled.withSampling(overrides()::sampling, seed);
  }

  /** Refuses values out of range before a model is loaded. */
  void check() {
    if (temperature != null && (!(temperature >= 0) || Double.isInfinite(temperature))) {
      throw wrong("--temperature must be 0 or more but was " + temperature);
    }
    try {
      overrides().sampling(Sampling.ALL);
      overrides().rules(LogitsRules.NONE);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private SamplingOverrides overrides() {
    return new SamplingOverrides(
        temperature, topK, topP, minP, typicalP, repetitionPenalty, noRepeatNgramSize);
  }

  private ParameterException wrong(String message) {
    if (command == null) {
      throw new IllegalStateException("the options belong to no command");
    }
    return new ParameterException(command.commandLine(), message);
  }
}
