package dev.squint.vision.onnx.graph;

/**
 * Which tokens a layer's queries see, and how far their logits go.
 *
 * @param causal whether a query sees no later token; where not, what it sees is in the tap {@link
 *     Tap#mask}, if the layer has any mask
 * @param window how many of the newest tokens a query sees, itself among them; 0 for all. Spelled
 *     out attention has windows in its mask and has 0 here
 * @param softcap bound that logits are squeezed into; 0 for none
 */
public record AttentionLimits(boolean causal, int window, float softcap) {

  /** No limit but what a mask hides. */
  public static final AttentionLimits NONE = new AttentionLimits(false, 0, 0);
}
