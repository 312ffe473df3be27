package dev.squint.vision.onnx.graph;

/**
 * Properties of one layer's attention.
 *
 * @param layer index, from 0
 * @param operator attention operator; {@link #SINGLE_OPERATORS} if it is built from single ones
 * @param heads number of query heads; 0 if the graph does not declare it
 * @param keyHeads number of key heads; 0 if the graph does not declare it
 * @param limits which tokens a query attends to
 * @param cuttable whether the graph can be cut after this layer
 */
public record LayerInfo(
    int layer, String operator, int heads, int keyHeads, AttentionLimits limits, boolean cuttable) {

  /** What stands for attention that is built from single operators. */
  public static final String SINGLE_OPERATORS = "Softmax";

  /** Whether attention is built from single operators. */
  public boolean isSpelledOut() {
    return operator.equals(SINGLE_OPERATORS);
  }
}
