/**
 * Rewrites ONNX graphs, file in, file out, without loading weights: {@link
 * dev.squint.vision.onnx.graph.GraphRewriter} cuts a decoder or a vision encoder after some of its
 * layers into stages, and adds outputs that show what the layers attend to.
 *
 * <p>Layers are found in the flow of data, not by the names or the order of nodes: a layer's
 * attention is what fills its part of the cache (or, in a vision encoder, every attention on the
 * way to the features), and the hidden states after a layer are the last residual sum through which
 * every value flows on to the next layer's attention. The names of a graph's inputs and outputs are
 * the contract of Hugging Face exports: {@code inputs_embeds}, {@code present.3.key}, {@code
 * logits}. What does not follow these patterns is refused with the node that was found.
 *
 * <p>Letters of shapes: B batch, S tokens that are new in a step, T tokens with those in the cache,
 * D hidden size, H query heads, K key heads, d size of a head, R chosen rows.
 */
@NullMarked
package dev.squint.vision.onnx.graph;

import org.jspecify.annotations.NullMarked;
