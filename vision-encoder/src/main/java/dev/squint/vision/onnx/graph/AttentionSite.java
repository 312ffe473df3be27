package dev.squint.vision.onnx.graph;

/** Where a layer attends, and how to show its queries and keys in the pattern that it follows. */
sealed interface AttentionSite permits OperatorSite, SpelledOutSite {

  /** Number of the node that attends. */
  int node();

  /** The tensor that the layer has attended, before its output projection. */
  String output();

  /** What the graph says of the layer. */
  LayerInfo info(int layer, boolean cuttable);

  /**
   * The queries as they meet the keys: rotated where the model rotates, and scaled, so that
   * softmax(queries keys^T) is the layer's attention but for its mask. [B, H, R, d] of float.
   *
   * @param rows name of the row numbers, [R]; empty for all rows
   */
  String queries(GraphEditor editor, String rows);

  /** Whether the graph adds to the layer's logits by a tensor that only the graph has. */
  boolean hasMask();

  /**
   * What is added to the logits, [B, 1 or H, R, T or 1] of float.
   *
   * @param rows name of the row numbers, [R]
   * @throws IllegalArgumentException if the layer has a mask that is not known
   */
  String mask(GraphEditor editor, String rows);

  /** The keys of the new tokens as the cache takes them, [B, H, S, d] of float. */
  String keys(GraphEditor editor);

  /** The tensor from which the keys' projection is found going back. */
  String projectedKeys();

  /**
   * The attention itself, [B, H, R, T] of float.
   *
   * @param rows name of the row numbers, [R]; empty for all rows
   * @throws IllegalArgumentException if the operator does not give it
   */
  String attention(GraphEditor editor, String rows);

  /**
   * Puts a bias of the keys in the place of the mask.
   *
   * @param bias name of the bias, [B, 1, 1, S] of float
   * @throws IllegalArgumentException if the layer adds something to its logits that may be more
   *     than a mask, or cannot take a bias
   */
  void takeKeyBias(GraphEditor editor, String bias);
}
