package dev.squint.llm.decoder.stage;

import dev.squint.pruner.Matrix;
import dev.squint.vision.onnx.graph.LayerInfo;
import java.util.List;

/**
 * Which keys the queries of a layer see.
 *
 * @param layer properties of the layer: whether later keys are hidden, a window, a bound
 * @param masks what the graph adds to logits by tensors, [R, T] or [R, 1]: one for all heads or one
 *     for each; none if it adds nothing
 */
record AttentionVisibility(LayerInfo layer, List<Matrix> masks) {

  /** At this and below a mask hides a key: exports write the lowest half or float, or -10000. */
  private static final float HIDDEN = -1e4f;

  /** The first key that a token sees. */
  int start(int token) {
    return layer.limits().window() == 0 ? 0 : Math.max(0, token + 1 - layer.limits().window());
  }

  /** The end of the keys that a token sees, exclusive. */
  int end(int token, int tokens) {
    return layer.limits().causal() ? token + 1 : tokens;
  }

  /**
   * Makes of the products of a query with keys the logits as the softmax takes them; negative
   * infinity where a key is hidden.
   *
   * @param products with key t at {@code at + t}
   * @param row of the masks, which is the query's
   * @param start the first key
   * @param end the key behind the last one
   */
  void look(float[] products, int at, int head, int row, int start, int end) {
    if (layer.limits().softcap() != 0) {
      for (int t = at + start; t < at + end; t++) {
        products[t] =
            (float) (layer.limits().softcap() * Math.tanh(products[t] / layer.limits().softcap()));
      }
    }
    if (masks.isEmpty()) {
      return;
    }
    Matrix mask = masks.get(masks.size() == 1 ? 0 : head);
    float[] added = mask.data();
    int from = row * mask.cols();
    int step = mask.cols() == 1 ? 0 : 1;
    for (int t = start; t < end; t++) {
      float more = added[from + t * step];
      products[at + t] = more <= HIDDEN ? Float.NEGATIVE_INFINITY : products[at + t] + more;
    }
  }
}
