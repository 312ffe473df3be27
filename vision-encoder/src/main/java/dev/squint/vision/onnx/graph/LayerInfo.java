package dev.squint.vision.onnx.graph;

/**
 * Properties of one layer's attention.
 *
 * @param layer index, from 0
 * @param operator attention operator; {@code Softmax} if attention is built from single operators
 * @param heads number of query heads; 0 if the graph does not declare it
 * @param keyHeads number of key heads; 0 if the graph does not declare it
 * @param limits which tokens a query attends to
 * @param cuttable whether the graph can be cut after this layer
 */
public record LayerInfo(
    int layer,
    String operator,
    int heads,
    int keyHeads,
    AttentionLimits limits,
    boolean cuttable) {}
