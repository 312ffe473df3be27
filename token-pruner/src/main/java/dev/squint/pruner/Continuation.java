package dev.squint.pruner;

import java.util.stream.IntStream;

/** How the decoder goes on after tokens were dropped between two of its layers. */
public enum Continuation {
  /** The next layers see each token at the position that it had. */
  KEEP_POSITIONS,
  /**
   * The next layers count positions from 0 again, so each layer's new tokens follow on the rows of
   * its own cache.
   */
  RENUMBER,
  /** The decoder begins anew with the shorter prompt, counted from 0; no cache is carried on. */
  RESTART;

  /** Position ids of the tokens that go on, [S'], from those that they had. */
  public int[] positions(int[] earlier) {
    return this == KEEP_POSITIONS ? earlier.clone() : IntStream.range(0, earlier.length).toArray();
  }

  /**
   * Position of the first token that is generated, in the layers from here on.
   *
   * @param promptTokens tokens of the prompt before anything was dropped
   * @param tokens tokens that go on
   */
  public int next(int promptTokens, int tokens) {
    return this == KEEP_POSITIONS ? promptTokens : tokens;
  }
}
