package dev.squint.pruner;

import java.util.List;

/**
 * Attention of each text token after the picture to each visual token, T times [H, N]. The softmax
 * is over all keys; keys of text are removed afterwards without renormalisation. When tokens merge,
 * their attention is summed.
 *
 * @param rows for each text token [H, N]
 */
public record TextAttention(List<Matrix> rows) {
  public TextAttention {
    rows = List.copyOf(rows);
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(
          "there must be at least 1 text token after the picture but there is none");
    }
  }

  /** The attention to the remaining tokens; the attention of merged tokens is summed. */
  public TextAttention reduced(TokenReduction reduction) {
    return new TextAttention(rows.stream().map(reduction::sumColumns).toList());
  }
}
