package dev.squint.pruner.method.depth;

import dev.squint.pruner.Continuation;
import dev.squint.pruner.LayerInput;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Operations;
import dev.squint.pruner.Routing;
import dev.squint.pruner.TrainedWeights;
import dev.squint.pruner.method.decoder.AtpModule;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * One router for all layers decides which tokens a layer skips, both text and visual ones.
 * Gamma-MoD (arXiv 2410.13859); its models are trained with the router. In the authors' code a
 * layer numbers the positions of the tokens that it processes from 0.
 */
public final class GammaMod implements LayerRouter {
  /** Which tokens the router decides about in a layer. */
  public enum Decides {
    NOTHING,
    EVERY_TOKEN,
    /**
     * Only visual tokens; the layer processes all text, which a layer that gives the logits
     * requires.
     */
    VISUAL_TOKENS
  }

  private final Matrix router;
  private final Matrix gains;
  private final double epsilon;
  private final Decides[] layers;
  private final double prefillThreshold;
  private final double decodeThreshold;
  private final Continuation continuation;
  private final float[] biases;
  private final boolean gated;

  /**
   * Creates a router that weighs the layers' outputs.
   *
   * @param router [2, D]: logits of skipping and of processing
   * @param gains the layers' input norms, [L, D]
   * @param epsilon epsilon of the norm
   * @param layers which tokens the router decides about in each layer, [L]
   * @param prefillThreshold tokens of the prompt with a higher probability are processed; 0.005 in
   *     the authors' code
   * @param decodeThreshold a new token with at least this probability is processed; 0.5 in the
   *     authors' code
   * @param continuation {@link Continuation#RENUMBER} in the authors' code; with {@link
   *     Continuation#KEEP_POSITIONS} the frames of a clip keep their distances; a model must be
   *     tuned with the same setting
   */
  public GammaMod(
      Matrix router,
      Matrix gains,
      double epsilon,
      Decides[] layers,
      double prefillThreshold,
      double decodeThreshold,
      Continuation continuation) {
    this.router = router;
    this.gains = gains;
    this.epsilon = epsilon;
    this.layers = layers.clone();
    this.prefillThreshold = prefillThreshold;
    this.decodeThreshold = decodeThreshold;
    this.continuation = continuation;
    this.biases = new float[layers.length];
    this.gated = true;
  }

  private GammaMod(GammaMod other, float[] biases, boolean gated) {
    this.router = other.router;
    this.gains = other.gains;
    this.epsilon = other.epsilon;
    this.layers = other.layers;
    this.prefillThreshold = other.prefillThreshold;
    this.decodeThreshold = other.decodeThreshold;
    this.continuation = other.continuation;
    this.biases = biases;
    this.gated = gated;
  }

  /**
   * The same for routers that choose tokens alone.
   *
   * @param offsets added to the difference of each layer's logits, [L]
   */
  public GammaMod ungated(float[] offsets) {
    if (offsets.length != layers.length) {
      throw new IllegalArgumentException(
          "there are %d layers but %d offsets".formatted(layers.length, offsets.length));
    }
    return new GammaMod(this, offsets.clone(), false);
  }

  /**
   * Creates the router from the weights of a package: {@code router} [2, D], {@code gain} [L, D],
   * {@code epsilon}, {@code routed} [L] of 0 (no decision), 1 (every token) and 2 (visual tokens),
   * {@code thresholds} [2] of prefill and decoding, {@code in-place} of 0 (positions are
   * renumbered) and 1 (tokens keep their positions). With {@code gate} 0 outputs are not weighed,
   * and {@code bias} [L] is added to the layers' logits.
   *
   * @throws IllegalArgumentException if weights are missing, or a value is not allowed
   */
  public static GammaMod of(TrainedWeights weights) {
    float[] routed = weights.vector("routed");
    Decides[] layers = new Decides[routed.length];
    for (int i = 0; i < layers.length; i++) {
      if (routed[i] != 0 && routed[i] != 1 && routed[i] != 2) {
        throw new IllegalArgumentException(
            "'routed' of 'gamma-mod' is %s for layer %d; it can be 0, 1 or 2"
                .formatted(routed[i], i));
      }
      layers[i] = Decides.values()[(int) routed[i]];
    }
    float[] thresholds = weights.vector("thresholds");
    GammaMod router =
        new GammaMod(
            weights.matrix("router"),
            weights.matrix("gain"),
            weights.number("epsilon"),
            layers,
            thresholds[0],
            thresholds[1],
            continuation(weights.number("in-place")));
    return PMod.gated(weights, "gamma-mod") ? router : router.ungated(weights.vector("bias"));
  }

  private static Continuation continuation(float inPlace) {
    if (inPlace != 0 && inPlace != 1) {
      throw new IllegalArgumentException(
          "'in-place' of 'gamma-mod' is %s; it can be 0 (positions are renumbered) or 1 (tokens keep their positions)"
              .formatted(inPlace));
    }
    return inPlace == 1 ? Continuation.KEEP_POSITIONS : Continuation.RENUMBER;
  }

  @Override
  public Routing route(LayerInput input) {
    int tokens = input.hidden().rows();
    Decides decides = layers[input.layer()];
    if (decides == Decides.NOTHING) {
      return Routing.everything(tokens);
    }
    float[] probabilities = probabilities(input.layer(), input.hidden());
    if (decides == Decides.VISUAL_TOKENS) {
      boolean[] visual = new boolean[tokens];
      IntStream.of(input.visual()).forEach(i -> visual[i] = true);
      IntStream.range(0, tokens).filter(i -> !visual[i]).forEach(i -> probabilities[i] = 1);
    }
    return routing(
        probabilities,
        IntStream.range(0, tokens)
            .filter(
                i ->
                    input.decoding()
                        ? probabilities[i] >= decodeThreshold
                        : probabilities[i] > prefillThreshold)
            .toArray());
  }

  /** For each token its norm, its dot product with the router's difference, and a sigmoid. */
  @Override
  public double operations(LayerInput input, Routing routing) {
    return layers[input.layer()] == Decides.NOTHING
        ? 0
        : 2 * Operations.dots(input.hidden().rows(), 1, input.hidden().cols())
            + 7.0 * input.hidden().rows();
  }

  /** Probability of each token to be processed, [S]. */
  float[] probabilities(int layer, Matrix hidden) {
    float[] probabilities = new float[hidden.rows()];
    for (int i = 0; i < probabilities.length; i++) {
      double square = 0;
      double difference = 0;
      for (int c = 0; c < hidden.cols(); c++) {
        square += (double) hidden.get(i, c) * hidden.get(i, c);
        difference +=
            (double) hidden.get(i, c)
                * gains.get(layer, c)
                * (router.get(1, c) - (double) router.get(0, c));
      }
      double norm = Math.sqrt(square / hidden.cols() + epsilon);
      probabilities[i] = (float) AtpModule.sigmoid(difference / norm + biases[layer]);
    }
    return probabilities;
  }

  Routing routing(float[] probabilities, int[] processed) {
    float[] weights = new float[probabilities.length];
    Arrays.fill(weights, 1);
    if (gated) {
      IntStream.of(processed).forEach(i -> weights[i] = probabilities[i]);
    }
    return new Routing(processed, weights, continuation);
  }
}
