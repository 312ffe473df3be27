package dev.squint.webapp.answering;

import dev.squint.llm.AskOptions;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.generation.SamplingOverrides;
import dev.squint.webapp.http.ApiException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * How the tokens of an answer are chosen, as the fields of a request say; null where a field is
 * absent. What is absent is as the package's {@code generation_config.json} says, but for the
 * temperature: without one the most likely token is chosen, because a question about a picture has
 * one best answer.
 *
 * @param temperature 0 (the most likely token) to 2
 * @param topP samples from the most likely tokens with this share of the probability, in (0, 1]
 * @param topK samples from this number of the most likely tokens; 0 for all
 * @param minP samples from tokens with this share of the highest probability, 0 (all) to 1
 * @param typicalP samples from the most typical tokens with this share of the probability, in (0,
 *     1]
 * @param repetitionPenalty divides the logits of tokens of prompt and answer; above 0, 1 for none
 * @param noRepeatNgramSize no run of this many tokens comes twice; 0 for none
 * @param seed the same seed gives the same tokens
 */
public record SamplingFields(
    @Nullable Double temperature,
    @Nullable Double topP,
    @Nullable Integer topK,
    @Nullable Double minP,
    @Nullable Double typicalP,
    @Nullable Double repetitionPenalty,
    @Nullable Integer noRepeatNgramSize,
    @Nullable Long seed) {

  private static final double HIGHEST_TEMPERATURE = 2;

  /**
   * Checks the values.
   *
   * @throws ApiException if a value is out of range; it names the field
   */
  public SamplingFields {
    check(
        temperature == null || (temperature >= 0 && temperature <= HIGHEST_TEMPERATURE),
        "temperature",
        "0 to " + HIGHEST_TEMPERATURE,
        temperature);
    check(topP == null || (topP > 0 && topP <= 1), "top_p", "in (0, 1]", topP);
    check(topK == null || topK >= 0, "top_k", "0 (all tokens) or more", topK);
    check(minP == null || (minP >= 0 && minP <= 1), "min_p", "0 (all tokens) to 1", minP);
    check(typicalP == null || (typicalP > 0 && typicalP <= 1), "typical_p", "in (0, 1]", typicalP);
    check(
        repetitionPenalty == null
            || (repetitionPenalty > 0 && repetitionPenalty <= Double.MAX_VALUE),
        "repetition_penalty",
        "above 0",
        repetitionPenalty);
    check(
        noRepeatNgramSize == null || noRepeatNgramSize >= 0,
        "no_repeat_ngram_size",
        "0 (none) or more",
        noRepeatNgramSize);
  }

  private static void check(boolean allowed, String field, String range, @Nullable Object value) {
    if (!allowed) {
      throw ApiException.invalid(field, "%s must be %s but was %s".formatted(field, range, value));
    }
  }

  /** The options of an answer whose tokens are chosen so. */
  public AskOptions apply(AskOptions options) {
    SamplingOverrides overrides =
        new SamplingOverrides(
            temperature, topK, topP, minP, typicalP, repetitionPenalty, noRepeatNgramSize);
    AskOptions ruled = options.withRules(overrides::rules);
    if (temperature == null) {
      return ruled;
    }
    return temperature == 0
        ? ruled.withSampler(() -> Sampler.GREEDY)
        : ruled.withSampling(
            overrides::sampling, seed == null ? ThreadLocalRandom.current().nextLong() : seed);
  }
}
