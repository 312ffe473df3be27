package dev.squint.pruner;

/** Which decoder layers each token of an answer passes through. */
public interface ExitSchedule {

  /**
   * Layers that a token passes through, ascending.
   *
   * @param layers layers of the decoder, L
   * @param generated number of the token, from 0; -1 for those of the prompt
   * @throws IllegalArgumentException if the decoder has too few layers
   */
  int[] active(int layers, int generated);
}
