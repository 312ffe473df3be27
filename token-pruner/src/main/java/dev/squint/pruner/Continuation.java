package dev.squint.pruner;

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
  RESTART
}
