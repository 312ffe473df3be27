package dev.squint.pruner.method.decoder;

import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Number of visual tokens in each decoder layer, [L], for methods that drop tokens at many layers.
 *
 * @param tokens tokens of each layer, never more than in the previous layer
 */
public record DepthSchedule(int[] tokens) {

  private static final int MIDDLE_STEPS = 60;

  // The curve is below 1 / FLAT or above 1 - 1 / FLAT, so that whole tokens do not show it.
  private static final double FLAT = 40;

  public DepthSchedule {
    tokens = tokens.clone();
    for (int layer = 0; layer < tokens.length; layer++) {
      if (tokens[layer] < 0 || (layer > 0 && tokens[layer] > tokens[layer - 1])) {
        throw new IllegalArgumentException(
            "tokens must not be negative nor grow with depth but were " + Arrays.toString(tokens));
      }
    }
  }

  @Override
  public int[] tokens() {
    return tokens.clone();
  }

  /**
   * The schedule as a plan of one method, such as {@code layer2:fastv(tokens=72) + ...}, with a
   * step before each layer that has fewer tokens than the previous one. The first layer has all
   * input tokens of the decoder.
   */
  public String plan(String method) {
    StringBuilder plan = new StringBuilder();
    for (int layer = 1; layer < tokens.length; layer++) {
      if (tokens[layer] < tokens[layer - 1]) {
        plan.append(plan.isEmpty() ? "" : " + ")
            .append("layer%d:%s(tokens=%d)".formatted(layer, method, tokens[layer]));
      }
    }
    return plan.isEmpty() ? "none" : plan.toString();
  }

  /**
   * P-Sigmoid, which G-Search proposes beside its search (our form of the curve): the share of
   * tokens falls along a logistic curve of the depth.
   *
   * @param given number of input tokens of the decoder
   * @param layers layers of the decoder, L
   * @param steepness how fast the share falls
   * @param middle depth in [0, 1] where half of the tokens remain
   */
  public static DepthSchedule sigmoid(int given, int layers, double steepness, double middle) {
    int[] tokens = new int[layers];
    for (int layer = 0; layer < layers; layer++) {
      double depth = layers == 1 ? 0 : (double) layer / (layers - 1);
      tokens[layer] = (int) Math.floor(given / (1 + Math.exp(steepness * (depth - middle))));
    }
    return new DepthSchedule(tokens);
  }

  /**
   * P-Sigmoid under a budget: the curve with this steepness whose layers process a share of the
   * tokens on average, or up to one token less. The first layer processes all.
   *
   * @param given number of input tokens of the decoder
   * @param layers layers of the decoder, L
   * @param steepness how fast the share falls
   * @param share mean of the layers' shares, in (0, 1]; at least 1 / L, because of the first layer
   */
  public static DepthSchedule sigmoidOf(int given, int layers, double steepness, double share) {
    double low = -FLAT / steepness;
    double high = 1 + FLAT / steepness;
    for (int step = 0; step < MIDDLE_STEPS; step++) {
      double middle = (low + high) / 2;
      double mean = Arrays.stream(whole(given, layers, steepness, middle)).average().orElse(0);
      if (mean > share * given) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return new DepthSchedule(whole(given, layers, steepness, low));
  }

  private static int[] whole(int given, int layers, double steepness, double middle) {
    int[] tokens = sigmoid(given, layers, steepness, middle).tokens();
    tokens[0] = given;
    return tokens;
  }

  /**
   * G-Search (our reading): finds by bisection, layer by layer, the fewest tokens with which the
   * answers remain good. The first layer keeps all tokens. While one layer is tested, all deeper
   * layers have the same number of tokens.
   *
   * @param given number of input tokens of the decoder
   * @param layers layers of the decoder, L
   * @param good whether answers with a schedule are good enough, for example on calibration data;
   *     more tokens must not make them worse
   */
  public static DepthSchedule search(int given, int layers, Predicate<DepthSchedule> good) {
    int[] tokens = new int[layers];
    Arrays.fill(tokens, given);
    for (int layer = 1; layer < layers; layer++) {
      int fewest = 0;
      int enough = tokens[layer - 1];
      while (fewest < enough) {
        int middle = (fewest + enough) / 2;
        Arrays.fill(tokens, layer, layers, middle);
        if (good.test(new DepthSchedule(tokens))) {
          enough = middle;
        } else {
          fewest = middle + 1;
        }
      }
      Arrays.fill(tokens, layer, layers, enough);
    }
    return new DepthSchedule(tokens);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DepthSchedule schedule && Arrays.equals(tokens, schedule.tokens);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(tokens);
  }

  @Override
  public String toString() {
    return "DepthSchedule" + Arrays.toString(tokens);
  }
}
