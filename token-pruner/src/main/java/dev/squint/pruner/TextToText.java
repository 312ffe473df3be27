package dev.squint.pruner;

import java.util.List;

/**
 * Attention of the text tokens after the picture to each other, H times [T, T]. The softmax is over
 * all keys; other keys are removed afterwards without renormalisation.
 *
 * @param perHead for each head [T, T], one row per query
 */
public record TextToText(List<Matrix> perHead) {
  public TextToText {
    perHead = List.copyOf(perHead);
    for (Matrix head : perHead) {
      if (head.rows() != head.cols()) {
        throw new IllegalArgumentException(
            "attention of text tokens to each other must be square but is " + head);
      }
    }
  }

  /** Number of text tokens, T. */
  public int tokens() {
    return perHead.get(0).rows();
  }
}
