package dev.squint.llm.decoder.input;

import dev.squint.pruner.Matrix;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Extra inputs of some decoders for each token, in addition to embedding and position.
 *
 * @param types 1 for a visual token, 0 for text, [S] (Gemma 3's {@code token_type_ids})
 * @param deep what is added to the hidden states after the first layers, zero for text, [S, D] each
 *     (DeepStack, arXiv 2406.04334)
 */
public record TokenExtras(long[] types, List<Matrix> deep) {

  public TokenExtras {
    types = types.clone();
    deep = List.copyOf(deep);
  }

  /** Tokens of text. */
  public static TokenExtras text(int tokens) {
    return new TokenExtras(new long[tokens], List.of());
  }

  /** 1 for a visual token, 0 for text, [S]. */
  @Override
  public long[] types() {
    return types.clone();
  }

  /** Number of tokens, S. */
  public int tokens() {
    return types.length;
  }

  /** Those of some tokens. */
  public TokenExtras of(int[] rows) {
    return new TokenExtras(
        IntStream.of(rows).mapToLong(row -> types[row]).toArray(),
        deep.stream().map(level -> level.rows(rows)).toList());
  }
}
