package dev.squint.pruner;

/**
 * Mixture of depths: decides which tokens a decoder layer processes. The rest pass by and may be
 * processed by deeper layers again. The layer's cache holds the processed tokens alone.
 */
public interface LayerRouter {

  /** Which tokens the layer processes, and how its output is put together. */
  Routing route(LayerInput input);

  /**
   * How many operations the decision took, {@link Operations}, without putting the layer's output
   * together.
   *
   * @param routing what {@link #route} made of this input
   */
  double operations(LayerInput input, Routing routing);
}
