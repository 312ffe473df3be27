package dev.squint.llm.decoder;

import java.util.Random;
import java.util.stream.IntStream;

/** Chooses the next token from logits [V]. */
@FunctionalInterface
public interface Sampler {

  /** The token with the highest logit; of equals the first. */
  Sampler GREEDY = Sampler::argmax;

  /** The index of the chosen logit. */
  int next(float[] logits);

  /**
   * Draws tokens at random as transformers does: logits divided by the temperature, then only the
   * {@code topK} highest, then of these the fewest whose probabilities reach {@code topP}.
   *
   * @param temperature above 0; 1 leaves the model's own probabilities
   * @param topK at least 1, or 0 for all
   * @param topP in (0, 1]; 1 for all
   * @param seed the same seed draws the same tokens
   * @return a sampler for one answer; it counts its draws, so it is not thread-safe
   * @throws IllegalArgumentException if a value is out of range
   */
  static Sampler random(double temperature, int topK, double topP, long seed) {
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException("temperature must be above 0 but was " + temperature);
    }
    if (topK < 0) {
      throw new IllegalArgumentException("top-k must be 0 (all) or more but was " + topK);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("top-p must be in (0, 1] but was " + topP);
    }
    Random random = new Random(seed);
    return logits -> draw(logits, temperature, topK, topP, random.nextDouble());
  }

  private static int argmax(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  private static int draw(
      float[] logits, double temperature, int topK, double topP, double uniform) {
    int count = topK == 0 ? logits.length : Math.min(topK, logits.length);
    int[] order =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted((a, b) -> Float.compare(logits[b], logits[a]))
            .limit(count)
            .mapToInt(Integer::intValue)
            .toArray();
    double[] weights = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      weights[i] = Math.exp((logits[order[i]] - logits[order[0]]) / temperature);
      sum += weights[i];
    }
    int kept = 0;
    double mass = 0;
    while (kept < count && (kept == 0 || mass < topP * sum)) {
      mass += weights[kept++];
    }
    double rest = uniform * mass;
    for (int i = 0; i < kept; i++) {
      rest -= weights[i];
      if (rest < 0) {
        return order[i];
      }
    }
    return order[kept - 1];
  }
}
