package dev.squint.pruner;

import java.util.List;

/**
 * Attention of each text token after the picture to each visual token, T times [H, N]: softmax over
 * all keys, other keys than the visual ones dropped afterwards and nothing renormalised. When
 * tokens merge, their attention adds up.
 *
 * @param rows for each text token [H, N]
 */
public record TextAttention(List<Matrix> rows) {
  public TextAttention {
    rows = List.copyOf(rows);
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("there is no text token to attend to the visual ones");
    }
  }

  /** The attention to the tokens left; what merged tokens received adds up. */
  public TextAttention reduced(TokenReduction reduction) {
    return new TextAttention(rows.stream().map(reduction::sumColumns).toList());
  }
}
