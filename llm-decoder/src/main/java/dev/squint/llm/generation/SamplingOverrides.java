package dev.squint.llm.generation;

import org.jspecify.annotations.Nullable;

/**
 * What a request says about choosing tokens; null where it says nothing, which is then as the
 * package says.
 *
 * @param temperature 0 does not sample and leaves the package's temperature
 * @param topK as in {@link Sampling}
 * @param topP as in {@link Sampling}
 * @param minP as in {@link Sampling}
 * @param typicalP as in {@link Sampling}
 * @param repetitionPenalty as in {@link LogitsRules}
 * @param noRepeatNgramSize as in {@link LogitsRules}
 */
public record SamplingOverrides(
    @Nullable Double temperature,
    @Nullable Integer topK,
    @Nullable Double topP,
    @Nullable Double minP,
    @Nullable Double typicalP,
    @Nullable Double repetitionPenalty,
    @Nullable Integer noRepeatNgramSize) {

  /**
   * The package's sampling with these values.
   *
   * @throws IllegalArgumentException if a value is out of range; the message names it
   */
  public Sampling sampling(Sampling ofPackage) {
    return new Sampling(
        temperature == null || temperature == 0 ? ofPackage.temperature() : temperature,
        topK == null ? ofPackage.topK() : topK,
        topP == null ? ofPackage.topP() : topP,
        minP == null ? ofPackage.minP() : minP,
        typicalP == null ? ofPackage.typicalP() : typicalP);
  }

  /**
   * The package's rules with these values.
   *
   * @throws IllegalArgumentException if a value is out of range; the message names it
   */
  public LogitsRules rules(LogitsRules ofPackage) {
    LogitsRules rules = ofPackage;
    if (repetitionPenalty != null) {
      rules = rules.withRepetitionPenalty(repetitionPenalty);
    }
    return noRepeatNgramSize == null ? rules : rules.withNoRepeatNgramSize(noRepeatNgramSize);
  }
}
