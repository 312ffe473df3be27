package dev.squint.llm.decoder;

import dev.squint.llm.generation.Sampling;
import java.util.Random;

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
    return random(new Sampling(temperature, topK, topP, 0, 1), seed);
  }

  /**
   * Draws tokens at random.
   *
   * @param sampling from which tokens
   * @param seed the same seed draws the same tokens
   * @return a sampler for one answer; it counts its draws, so it is not thread-safe
   */
  static Sampler random(Sampling sampling, long seed) {
    Random random = new Random(seed);
    return logits -> sampling.draw(logits, random.nextDouble());
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
}
