package dev.squint.pruner.plan;

import dev.squint.pruner.method.depth.SkipDecode;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The step of a plan that lets later tokens of an answer pass layers by, written {@code
 * decoder:skipdecode(fewest=0.5)}.
 *
 * @param schedule which layers each token passes through
 */
public record ExitStep(SkipDecode schedule) {
  /** As plans call it. */
  public static final String NAME = "skipdecode";

  /** What happens, in a few words. */
  public static final String SUMMARY = "later tokens of an answer pass through fewer layers";

  /** Authors' title and arXiv id. */
  public static final String PAPER = "SkipDecode, arXiv 2307.02628";

  /** How far it is the published method. */
  public static final Method.Faithfulness FAITHFULNESS = Method.Faithfulness.OUR_READING;

  /** The schedule with its default parameters. */
  public static final SkipDecode DEFAULTS = new SkipDecode(1, 1, 0.5, 64);

  /** Reads the arguments of a step. */
  static ExitStep of(Map<String, String> arguments) {
    for (String argument : arguments.keySet()) {
      if (!Parameters.names(DEFAULTS).contains(argument)) {
        throw new IllegalArgumentException(
            "'%s' has no parameter '%s' and no budget; it has %s"
                .formatted(NAME, argument, Parameters.names(DEFAULTS)));
      }
    }
    return new ExitStep(Parameters.with(DEFAULTS, arguments));
  }

  /** As a plan writes it. */
  @Override
  public String toString() {
    Map<String, String> differing = Parameters.differing(schedule, DEFAULTS);
    String arguments =
        differing.entrySet().stream()
            .map(parameter -> parameter.getKey() + "=" + parameter.getValue())
            .collect(Collectors.joining(", ", "(", ")"));
    return RouterMethod.POINT + ":" + NAME + (differing.isEmpty() ? "" : arguments);
  }
}
