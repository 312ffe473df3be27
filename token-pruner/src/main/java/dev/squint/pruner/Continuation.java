package dev.squint.pruner;

import java.util.stream.IntStream;

/** How the decoder continues after tokens were dropped between two of its layers. */
public enum Continuation {
  /** Each token keeps its position in the following layers. */
  KEEP_POSITIONS,
  /**
   * The following layers number the remaining tokens from 0. The position of a new token in a layer
   * is the length of that layer's cache.
   */
  RENUMBER,
  /**
   * The decoder restarts with the shorter prompt, numbered from 0; earlier caches are discarded.
   */
  RESTART;

  /** New position ids of the remaining tokens, [S'], from their earlier ones. */
  public int[] positions(int[] earlier) {
    return this == KEEP_POSITIONS ? earlier.clone() : IntStream.range(0, earlier.length).toArray();
  }

  /**
   * Position of the first generated token in the following layers.
   *
   * @param promptTokens number of prompt tokens before any reduction
   * @param tokens number of remaining tokens
   */
  public int next(int promptTokens, int tokens) {
    return this == KEEP_POSITIONS ? promptTokens : tokens;
  }
}
