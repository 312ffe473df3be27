package dev.squint.pruner;

/**
 * The input of a router for one decoder layer, before the layer runs.
 *
 * @param layer index of the layer, from 0
 * @param hidden hidden states of all input tokens of the layer, [S, D]; while decoding S is 1
 * @param visual indices of the visual tokens among them, ascending, [N]
 * @param generated while decoding the index of the new token in the answer, from 0; -1 during
 *     prefill
 */
public record LayerInput(int layer, Matrix hidden, int[] visual, int generated) {

  /** Whether the decoder generates the answer, one token at a time. */
  public boolean decoding() {
    return generated >= 0;
  }
}
