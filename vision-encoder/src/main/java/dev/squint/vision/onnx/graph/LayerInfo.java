package dev.squint.vision.onnx.graph;

/**
 * What the graph says of one layer's attention.
 *
 * @param layer from 0
 * @param operator that attends; {@code Softmax} where attention is spelled out
 * @param heads query heads; 0 where the graph does not say
 * @param keyHeads key heads; 0 where the graph does not say
 * @param causal whether a query sees no later token; where not, what it sees is in the tap {@link
 *     Tap#mask}, if the layer has any mask
 * @param window how many of the newest tokens a query sees, itself among them; 0 for all. Spelled
 *     out attention has windows in its mask and says 0
 * @param softcap bound that logits are squeezed into; 0 for none
 * @param cuttable whether the graph can be cut after this layer
 */
public record LayerInfo(
    int layer,
    String operator,
    int heads,
    int keyHeads,
    boolean causal,
    int window,
    float softcap,
    boolean cuttable) {}
