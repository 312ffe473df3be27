package dev.squint.pruner;

/**
 * Mixture of depths: decides which tokens a decoder layer processes. The others skip the layer;
 * deeper layers may process them again. The layer's cache contains only the processed tokens.
 */
public interface LayerRouter {

  /** Decides which tokens the layer processes, and how its output is combined. */
  Routing route(LayerInput input);

  /**
   * Number of {@link Operations} of the decision, without combining the layer's output.
   *
   * @param routing what {@link #route} returned for this input
   */
  double operations(LayerInput input, Routing routing);
}
