package dev.squint.llm.decoder;

import dev.squint.pruner.Matrix;
import dev.squint.vision.onnx.graph.LayerInfo;
import java.util.List;

/**
 * Which keys the queries of a layer see.
 *
 * @param layer what the graph says by numbers: whether later keys are hidden, a window, a bound
 * @param masks what the graph adds to logits by tensors, [R, T] or [R, 1]: one for all heads or one
 *     for each; none if it adds nothing
 */
record Sight(LayerInfo layer, List<Matrix> masks) {

  /** At this and below a mask hides a key: exports write the lowest half or float, or -10000. */
  private static final float HIDDEN = -1e4f;

  /** The first key that a token sees. */
  int start(int token) {
    return layer.window() == 0 ? 0 : Math.max(0, token + 1 - layer.window());
  }

  /** The key behind the last one that a token may see, of so many. */
  int end(int token, int tokens) {
    return layer.causal() ? token + 1 : tokens;
  }

  /**
   * The logit as the softmax takes it; negative infinity where a key between start and end is
   * hidden.
   *
   * @param row of the masks, which is the query's
   */
  double logit(float product, int head, int row, int key) {
    double logit =
        layer.softcap() == 0 ? product : layer.softcap() * Math.tanh(product / layer.softcap());
    if (masks.isEmpty()) {
      return logit;
    }
    Matrix mask = masks.get(masks.size() == 1 ? 0 : head);
    float added = mask.get(row, mask.cols() == 1 ? 0 : key);
    return added <= HIDDEN ? Double.NEGATIVE_INFINITY : logit + added;
  }
}
