package dev.squint.eval.cost;

/**
 * What a decoder multiplies.
 *
 * @param layers number of layers
 * @param hidden width of the hidden states
 * @param ffn width inside of the feed-forward part
 * @param heads query heads
 * @param kvHeads heads of keys and values
 * @param headSize width of a head
 * @param vocabulary tokens of the output layer
 */
public record DecoderShape(
    int layers, int hidden, int ffn, int heads, int kvHeads, int headSize, int vocabulary) {

  /** Some of its layers, without the output layer. */
  public DecoderShape part(int layers) {
    return new DecoderShape(layers, hidden, ffn, heads, kvHeads, headSize, 0);
  }
}
