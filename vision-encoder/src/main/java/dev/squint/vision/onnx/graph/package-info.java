/**
 * Rewrites ONNX graphs from file to file, without loading weights. Start with {@link
 * dev.squint.vision.onnx.graph.GraphRewriter}: it cuts a decoder or a vision encoder into stages
 * after some of its layers, and adds outputs (taps) such as queries, keys and hidden states.
 *
 * <p>Layers are found by the flow of data, not by the names or the order of nodes. In a decoder, a
 * layer's attention is the one that fills the layer's KV cache; in a vision encoder, it is every
 * attention on the path to the features. The hidden states after a layer are the last residual sum
 * through which every value flows to the next layer's attention. The names of a graph's inputs and
 * outputs are those of Hugging Face exports: {@code inputs_embeds}, {@code present.3.key}, {@code
 * logits}.
 *
 * <p>Traps: a graph that follows no known pattern is rejected, and the message names the node that
 * was found. Stages are cached on disk: change {@code GraphRewriter.VERSION} when the same plan
 * gives different files, or old files are used.
 *
 * <p>Letters in shapes: B batch, S tokens that are new in a step, T tokens with those in the cache,
 * D hidden size, H query heads, K key heads, d size of a head, R chosen rows.
 */
@NullMarked
package dev.squint.vision.onnx.graph;

import org.jspecify.annotations.NullMarked;
