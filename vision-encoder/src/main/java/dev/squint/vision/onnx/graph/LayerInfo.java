package dev.squint.vision.onnx.graph;

/**
 * What the graph says of one layer's attention.
 *
 * @param layer from 0
 * @param operator that attends; {@code Softmax} where attention is spelled out
 * @param heads query heads; 0 where the graph does not say
 * @param keyHeads key heads; 0 where the graph does not say
 * @param limits which tokens a query sees
 * @param cuttable whether the graph can be cut after this layer
 */
public record LayerInfo(
    int layer,
    String operator,
    int heads,
    int keyHeads,
    AttentionLimits limits,
    boolean cuttable) {}
