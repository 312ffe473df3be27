/**
 * ONNX graphs as files and as sessions: what a graph takes and gives is read from its metadata,
 * never guessed from a model's name. Both halves of a model, vision encoder and decoder, are opened
 * here.
 *
 * <p>{@link dev.squint.vision.onnx.OnnxSession} opens a graph by its path and lists its inputs and
 * outputs as {@link dev.squint.vision.onnx.TensorSpec}; it makes input tensors, checked against the
 * graph, and runs it. ONNX Runtime itself comes from {@link dev.squint.vision.onnx.OnnxRuntime}
 * alone, since it must be told to keep quiet before it starts.
 *
 * <p>Traps: a tensor on a direct buffer shares its memory; tensors and results live outside of the
 * heap and must be closed; one thread pool belongs to each session.
 */
@NullMarked
package dev.squint.vision.onnx;

import org.jspecify.annotations.NullMarked;
