package dev.squint.vision.onnx.graph;

import java.util.List;

/**
 * The attention operation of one layer. Adds its queries, keys and mask to the graph as tensors;
 * each implementation handles one pattern of nodes.
 */
sealed interface AttentionSite permits OperatorSite, SpelledOutSite {

  /** Number of the attention node. */
  int node();

  /** The result of the attention, before the output projection. */
  String output();

  /** The properties of the layer's attention. */
  LayerInfo info(int layer, boolean cuttable);

  /**
   * The queries, [B, H, R, d] of float, after RoPE (if the model has it) and scaling. Apart from
   * the mask, softmax(queries keys^T) is the layer's attention.
   *
   * @param rows name of the tensor of row numbers, [R]; empty for all rows
   */
  default String queries(GraphEditor editor, String rows) {
    return queries(editor, rows, true);
  }

  /**
   * The queries with or without RoPE.
   *
   * @throws IllegalArgumentException if the graph has no RoPE in a known form to be left out
   */
  String queries(GraphEditor editor, String rows, boolean rotated);

  /** Whether the graph adds a tensor of its own, such as a mask, to the layer's logits. */
  boolean hasMask();

  /**
   * The tensor that is added to the logits, [B, 1 or H, R, T or 1] of float.
   *
   * @param rows name of the tensor of row numbers, [R]
   * @throws IllegalArgumentException if the mask follows no known pattern
   */
  String mask(GraphEditor editor, String rows);

  /** The keys of the new tokens in the form that the KV cache stores, [B, H, S, d] of float. */
  default String keys(GraphEditor editor) {
    return keys(editor, true);
  }

  /**
   * The keys with or without RoPE.
   *
   * @throws IllegalArgumentException if the graph has no RoPE in a known form to be left out
   */
  String keys(GraphEditor editor, boolean rotated);

  /** The values of the new tokens, as the attention weights them, [B, H, S, d] of float. */
  String values(GraphEditor editor);

  /** The tensors of queries and of keys, as the attention multiplies them; one if it packs both. */
  List<String> multiplied();

  /** The tensor from which a backward search finds the key projection. */
  String projectedKeys();

  /**
   * The attention weights, [B, H, R, T] of float.
   *
   * @param rows name of the tensor of row numbers, [R]; empty for all rows
   * @throws IllegalArgumentException if the operator does not output them
   */
  String attention(GraphEditor editor, String rows);

  /**
   * Replaces the mask by a bias of the keys.
   *
   * @param bias name of the bias, [B, 1, 1, S] of float
   * @throws IllegalArgumentException if the layer adds something to its logits that may be more
   *     than a mask, or accepts no bias
   */
  void takeKeyBias(GraphEditor editor, String bias);

  /**
   * Lets an input decide for some pairs of tokens whether one attends to the other, whatever the
   * graph's own mask says.
   *
   * @param pairs name of the input, {@link GraphRewriter#PAIRS}
   * @throws IllegalArgumentException if the operator takes no such input
   */
  void takePairs(GraphEditor editor, String pairs);

  /**
   * Removes the mask, so that all keys are attended to.
   *
   * @throws IllegalArgumentException if the layer adds something to its logits that may be more
   *     than a mask
   */
  void dropMask(GraphEditor editor);
}
