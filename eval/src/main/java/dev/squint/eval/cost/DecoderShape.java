package dev.squint.eval.cost;

/**
 * Sizes of a decoder's matrices.
 *
 * @param layers number of layers
 * @param hidden width of the hidden states
 * @param ffn inner width of the feed-forward network
 * @param heads number of query heads
 * @param kvHeads number of key-value heads
 * @param headSize width of a head
 * @param vocabulary number of rows of the output layer
 */
public record DecoderShape(
    int layers, int hidden, int ffn, int heads, int kvHeads, int headSize, int vocabulary) {}
