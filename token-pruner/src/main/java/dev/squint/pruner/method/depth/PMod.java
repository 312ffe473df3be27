package dev.squint.pruner.method.depth;

import dev.squint.pruner.Continuation;
import dev.squint.pruner.LayerInput;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.Ranking;
import dev.squint.pruner.Routing;
import dev.squint.pruner.TrainedWeights;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Each layer processes all text and a share of the visual tokens, those with the highest router
 * weights. The share falls with depth. p-MoD (arXiv 2412.04449); its models are trained with the
 * routers.
 *
 * <p>TanhNorm turns a router's logit g into the weight 0.2 tanh(g) + 1. It multiplies the MLP
 * branch of processed visual tokens and the whole input of skipped ones (STRing).
 */
public final class PMod implements LayerRouter {
  /** How the share of visual tokens falls with depth. */
  public enum Decay {
    /** Along half a period of a cosine, as in the paper. */
    COSINE,
    LINEAR
  }

  private final Matrix weights;
  private final float[] biases;
  private final double[] ratios;
  private final boolean gated;

  /**
   * Creates routers that weigh a layer's output.
   *
   * @param weights one router per layer, [L, D]; rows of layers with ratio 1 are not used
   * @param biases bias of each router, [L]
   * @param ratios share of the visual tokens that each layer processes, [L]; 1 leaves the layer
   *     unchanged
   */
  public PMod(Matrix weights, float[] biases, double[] ratios) {
    this(weights, biases, ratios, true);
  }

  /**
   * Creates routers.
   *
   * @param gated whether a layer's output is weighed, as in the paper; if not, routers choose the
   *     tokens alone
   */
  public PMod(Matrix weights, float[] biases, double[] ratios, boolean gated) {
    if (weights.rows() != ratios.length || biases.length != ratios.length) {
      throw new IllegalArgumentException(
          "ratios, routers and biases must have the same number of layers but there are %d, %d and %d"
              .formatted(ratios.length, weights.rows(), biases.length));
    }
    this.weights = weights;
    this.biases = biases.clone();
    this.ratios = ratios.clone();
    this.gated = gated;
  }

  /**
   * Creates the routers from the weights of a package: {@code router.weight} [L, D], {@code
   * router.bias} [L], {@code ratio} [L]; optionally {@code gate}, 0 where outputs are not weighed.
   *
   * @throws IllegalArgumentException if weights are missing, or a value is not allowed
   */
  public static PMod of(TrainedWeights weights) {
    float[] ratio = weights.vector("ratio");
    return new PMod(
        weights.matrix("router.weight"),
        weights.vector("router.bias"),
        IntStream.range(0, ratio.length).mapToDouble(i -> ratio[i]).toArray(),
        gated(weights, "p-mod"));
  }

  /** Whether the weights are those of routers that weigh a layer's output; so without "gate". */
  static boolean gated(TrainedWeights weights, String method) {
    float gate = weights.has("gate") ? weights.number("gate") : 1;
    if (gate != 0 && gate != 1) {
      throw new IllegalArgumentException(
          "'gate' of '%s' is %s; it can be 0 (outputs are not weighed) or 1"
              .formatted(method, gate));
    }
    return gate == 1;
  }

  @Override
  public Routing route(LayerInput input) {
    int tokens = input.hidden().rows();
    if (input.decoding() || ratios[input.layer()] == 1) {
      return Routing.everything(tokens);
    }
    float[] all = new float[tokens];
    Arrays.fill(all, 1);
    // Ranked by logits: their tanh saturates, and rounding would decide between tokens.
    float[] visual = new float[input.visual().length];
    for (int j = 0; j < visual.length; j++) {
      visual[j] = logit(input.layer(), input.hidden(), input.visual()[j]);
      if (gated) {
        all[input.visual()[j]] = tanhNorm(visual[j]);
      }
    }
    boolean[] processed = new boolean[tokens];
    Arrays.fill(processed, true);
    IntStream.of(input.visual()).forEach(i -> processed[i] = false);
    for (int j : Ranking.best(visual, processed(visual.length, ratios[input.layer()]))) {
      processed[input.visual()[j]] = true;
    }
    return new Routing(
        IntStream.range(0, tokens).filter(i -> processed[i]).toArray(),
        all,
        Continuation.KEEP_POSITIONS);
  }

  /** For each visual token a logit and TanhNorm. */
  @Override
  public double operations(LayerInput input, Routing routing) {
    if (input.decoding() || ratios[input.layer()] == 1) {
      return 0;
    }
    int visual = input.visual().length;
    return Operations.dots(visual, 1, input.hidden().cols()) + 4.0 * visual;
  }

  float logit(int layer, Matrix hidden, int token) {
    double logit = biases[layer];
    for (int c = 0; c < hidden.cols(); c++) {
      logit += (double) weights.get(layer, c) * hidden.get(token, c);
    }
    return (float) logit;
  }

  static float tanhNorm(float logit) {
    return (float) (0.2 * Math.tanh(logit) + 1);
  }

  /** Number of visual tokens that a layer processes, rounded down in float32. */
  static int processed(int visual, double ratio) {
    return (int) (visual * (float) ratio);
  }

  /**
   * Share of the visual tokens that each layer processes, [L]: falls from 1 to 0 with depth, mean
   * 1/2. Shares above 0.85 become 1, and shares below 0.15 become 0.15.
   */
  public static double[] ratios(int layers, Decay decay) {
    double[] ratios = new double[layers];
    for (int layer = 0; layer < layers; layer++) {
      double depth = layers == 1 ? 0 : (double) layer / (layers - 1);
      double ratio = decay == Decay.COSINE ? Math.cos(Math.PI * depth) / 2 + 0.5 : 1 - depth;
      ratios[layer] = ratio > 0.85 ? 1 : Math.max(0.15, ratio);
    }
    return ratios;
  }
}
