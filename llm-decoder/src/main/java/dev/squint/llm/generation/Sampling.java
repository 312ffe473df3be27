package dev.squint.llm.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * From which tokens the next one is drawn: transformers' filters in their order.
 *
 * @param temperature above 0; the logits are divided by it
 * @param topK only this many of the highest, and those equal to the last of them; 0 for all
 * @param topP in (0, 1]; only the fewest whose probabilities reach it (arXiv 1904.09751)
 * @param minP in [0, 1]; only those with at least this share of the highest probability (arXiv
 *     2407.01082); 0 for all
 * @param typicalP in (0, 1]; only the most typical ones whose probabilities reach it (arXiv
 *     2202.00666)
 */
public record Sampling(double temperature, int topK, double topP, double minP, double typicalP) {

  /** The model's own probabilities. */
  public static final Sampling ALL = new Sampling(1, 0, 1, 0, 1);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public Sampling {
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException("temperature must be above 0 but was " + temperature);
    }
    if (topK < 0) {
      throw new IllegalArgumentException("top-k must be 0 (all) or more but was " + topK);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("top-p must be in (0, 1] but was " + topP);
    }
    if (!(minP >= 0 && minP <= 1)) {
      throw new IllegalArgumentException("min-p must be in [0, 1] but was " + minP);
    }
    if (!(typicalP > 0 && typicalP <= 1)) {
      throw new IllegalArgumentException("typical-p must be in (0, 1] but was " + typicalP);
    }
  }

  /** The same with another temperature. */
  public Sampling withTemperature(double temperature) {
    return new Sampling(temperature, topK, topP, minP, typicalP);
  }

  /** The same with another number of the highest logits; 0 for all. */
  public Sampling withTopK(int topK) {
    return new Sampling(temperature, topK, topP, minP, typicalP);
  }

  /** The same with another sum of probabilities; 1 for all. */
  public Sampling withTopP(double topP) {
    return new Sampling(temperature, topK, topP, minP, typicalP);
  }

  /** The same with another share of the highest probability; 0 for all. */
  public Sampling withMinP(double minP) {
    return new Sampling(temperature, topK, topP, minP, typicalP);
  }

  /** The same with another sum of the most typical probabilities; 1 for all. */
  public Sampling withTypicalP(double typicalP) {
    return new Sampling(temperature, topK, topP, minP, typicalP);
  }

  /** The settings that are not neutral, as {@code generation_config.json} names them. */
  String described() {
    List<String> set = new ArrayList<>(List.of("temperature " + temperature));
    if (topK > 0) {
      set.add("top_k " + topK);
    }
    if (topP < 1) {
      set.add("top_p " + topP);
    }
    if (minP > 0) {
      set.add("min_p " + minP);
    }
    if (typicalP < 1) {
      set.add("typical_p " + typicalP);
    }
    return String.join(", ", set);
  }

  /** The logits divided by the temperature, minus infinity for what is not drawn from, [V]. */
  public float[] filter(float[] logits) {
    float[] left = logits.clone();
    if (temperature != 1) {
      for (int i = 0; i < left.length; i++) {
        left[i] = (float) (left[i] / temperature);
      }
    }
    if (topK > 0) {
      keepTopK(left);
    }
    if (topP < 1) {
      keepTopP(left);
    }
    if (minP > 0) {
      keepMinP(left);
    }
    if (typicalP < 1) {
      keepTypical(left);
    }
    return left;
  }

  private void keepTopK(float[] logits) {
    float[] sorted = logits.clone();
    Arrays.sort(sorted);
    float last = sorted[Math.max(0, sorted.length - topK)];
    for (int i = 0; i < logits.length; i++) {
      if (logits[i] < last) {
        logits[i] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  private void keepTopP(float[] logits) {
    int[] ascending = order(doubles(logits));
    double[] shares = probabilities(logits);
    double sum = 0;
    for (int i = 0; i < ascending.length - 1; i++) {
      sum += shares[ascending[i]];
      if (sum <= 1 - topP) {
        logits[ascending[i]] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  private void keepMinP(float[] logits) {
    double[] shares = probabilities(logits);
    double least = minP * Arrays.stream(shares).max().orElse(0);
    for (int i = 0; i < logits.length; i++) {
      if (shares[i] < least) {
        logits[i] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  private void keepTypical(float[] logits) {
    double[] shares = probabilities(logits);
    double entropy = 0;
    for (double share : shares) {
      entropy -= share > 0 ? share * Math.log(share) : 0;
    }
    double[] distance = new double[shares.length];
    for (int i = 0; i < shares.length; i++) {
      distance[i] = Math.abs(-Math.log(shares[i]) - entropy);
    }
    int[] nearest = order(distance);
    int last = 0;
    double sum = 0;
    for (int token : nearest) {
      sum += shares[token];
      last += sum < typicalP ? 1 : 0;
    }
    double farthest = distance[nearest[Math.min(last, nearest.length - 1)]];
    for (int i = 0; i < logits.length; i++) {
      if (distance[i] > farthest && i != nearest[0]) {
        logits[i] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private static int[] order(double[] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .sorted((a, b) -> Double.compare(values[a], values[b]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Probabilities of logits, [V]. */
  static double[] probabilities(float[] logits) {
    double highest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      highest = Math.max(highest, logit);
    }
    double[] shares = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      shares[i] = Math.exp(logits[i] - highest);
      sum += shares[i];
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i] /= sum;
    }
    return shares;
  }

  /**
   * The token at a value of the cumulative distribution.
   *
   * @param uniform in [0, 1)
   */
  public int draw(float[] logits, double uniform) {
    double[] shares = probabilities(filter(logits));
    double rest = uniform;
    int last = 0;
    for (int i = 0; i < shares.length; i++) {
      if (shares[i] > 0) {
        rest -= shares[i];
        last = i;
        if (rest < 0) {
          break;
        }
      }
    }
    return last;
  }
}
