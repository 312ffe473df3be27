package dev.squint.webapp.answering;

import dev.squint.llm.decoder.Sampler;
import dev.squint.webapp.http.ApiException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes samplers from the fields of a request. */
public final class Sampling {

  private static final double HIGHEST_TEMPERATURE = 2;

  private Sampling() {}

  /**
   * Makes samplers. Without a temperature the most likely token is chosen, because a question about
   * a picture has one best answer.
   *
   * @param temperature 0 (the most likely token) to 2
   * @param topP in (0, 1]
   * @param topK number of the most likely tokens to sample from; null or 0 for all
   * @param seed the same seed gives the same tokens
   * @throws ApiException if a value is out of range
   */
  public static Supplier<Sampler> of(
      @Nullable Double temperature,
      @Nullable Double topP,
      @Nullable Integer topK,
      @Nullable Long seed) {
    double share = topP == null ? 1 : topP;
    if (!(share > 0 && share <= 1)) {
      throw ApiException.invalid("top_p", "top_p must be in (0, 1] but was " + share);
    }
    if (topK != null && topK < 0) {
      throw ApiException.invalid("top_k", "top_k must be 0 (all tokens) or more but was " + topK);
    }
    if (temperature == null || temperature == 0) {
      return () -> Sampler.GREEDY;
    }
    if (!(temperature > 0 && temperature <= HIGHEST_TEMPERATURE)) {
      throw ApiException.invalid(
          "temperature",
          "temperature must be 0 to %s but was %s".formatted(HIGHEST_TEMPERATURE, temperature));
    }
    int most = topK == null ? 0 : topK;
    long start = seed == null ? ThreadLocalRandom.current().nextLong() : seed;
    return () -> Sampler.random(temperature, most, share, start);
  }
}
