package dev.squint.pruner;

/**
 * What a router sees of a decoder layer before it runs.
 *
 * @param layer which layer, from 0
 * @param hidden hidden states of all tokens that the layer is given, [S, D]; of the one new token
 *     while decoding
 * @param visual which of them are visual tokens, ascending, [N]
 * @param generated while decoding the number of the new token, from 0; -1 during prefill
 */
public record LayerInput(int layer, Matrix hidden, int[] visual, int generated) {

  /** Whether the answer is being written, one token a time. */
  public boolean decoding() {
    return generated >= 0;
  }
}
